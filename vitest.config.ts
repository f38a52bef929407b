import { defineConfig } from 'vitest/config'

/** Where a program wants the counts as JSON. */
const report = process.env.SYNCLINE_TEST_REPORT

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'scripts/**/*.test.ts'],
    globalSetup: ['test/services/setup.ts'],
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Sessions run in UTC (rule 8) whatever the machine says: tests run where that shows.
    env: { TZ: 'America/New_York' },
  },
})
