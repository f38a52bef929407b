#!/usr/bin/env node
import module from 'node:module'

// This file is all that an older Node loads, so it keeps to what Node 18 understands: no new syntax, no new imports.
const { version, engines } = module.createRequire(import.meta.url)('../package.json') as Manifest
const required = engines.node.replace('>=', '')

if (!isAtLeast(process.versions.node, required)) {
  process.stderr.write(
    `syncline needs Node ${required} or later, and this is Node ${process.versions.node}.\n` +
      'Install a current version from https://nodejs.org and run the same command again.\n',
  )
  process.exitCode = 1
} else if (process.argv.length === 3 && (process.argv[2] === '--version' || process.argv[2] === '-V')) {
  process.stdout.write(`${version}\n`)
} else {
  module.enableCompileCache()
  const { main } = await import('./cli/main.ts')
  process.exitCode = await main(process.argv)
}

interface Manifest {
  readonly version: string
  readonly engines: { readonly node: string }
}

function isAtLeast(actual: string, least: string): boolean {
  const [major = 0, minor = 0] = actual.split('.').map(Number)
  const [leastMajor = 0, leastMinor = 0] = least.split('.').map(Number)
  return major > leastMajor || (major === leastMajor && minor >= leastMinor)
}
