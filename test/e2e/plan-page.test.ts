import { existsSync, statSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { command } from './command.ts'
import { World } from './world.ts'

const executablePath = process.env.SYNCLINE_TEST_CHROMIUM ?? '/usr/bin/chromium'
const reason = existsSync(executablePath) ? undefined : 'no Chromium: name one by SYNCLINE_TEST_CHROMIUM'

describe.skipIf(reason !== undefined)(`the page of a plan${reason === undefined ? '' : ` (${reason})`}`, () => {
  const world = new World()
  let browser: Browser
  let page: Page
  const errors: string[] = []
  beforeAll(async () => {
    fill(world)
    const ended = await command(world.folder, ['plan', '--html', 'plan.html', '--quiet'])
    expect(ended.code).toBe(2)
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
    page = await browser.newPage({ viewport: { width: 1200, height: 800 } })
    page.on('pageerror', (error) => errors.push(error.message))
    await page.goto(`file://${world.path('plan.html')}`)
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    world[Symbol.dispose]()
  })

  const shown = async () => await page.textContent('#shown')
  const firstRow = async () => await page.textContent('#window .row')

  test('is its owner’s alone, and needs nothing from elsewhere', () => {
    expect(statSync(world.path('plan.html')).mode & 0o777).toBe(0o600)
  })

  test('opens on the plan that changes something, with few rows in the document', async () => {
    expect(await page.textContent('#summary')).toContain('2 inserts · 20,000 updates · 1 delete')
    expect(await shown()).toBe('20,003 of 20,003 shown')
    expect(await page.locator('#window .row').count()).toBeLessThan(100)
    expect(errors).toEqual([])
  })

  test('shows cells as they are, whatever they hold', async () => {
    await page.fill('#text', '</script>')
    expect(await shown()).toBe('1 of 20,003 shown')
    expect(await firstRow()).toContain('</script><b>bold</b>')
    expect(await page.locator('#window b').count()).toBe(0)
    await page.fill('#text', '')
  })

  test('filters by kind, by column and by text, and sorts as numbers', async () => {
    await page.click('#kinds button:has-text("~")')
    expect(await shown()).toBe('3 of 20,003 shown')
    await page.click('#head button:has-text("id")')
    expect(await firstRow()).toContain('30000')
    await page.click('#head button:has-text("id")')
    expect(await firstRow()).toContain('30002')
    await page.click('#kinds button:has-text("~")')
    await page.selectOption('#column', { label: 'name' })
    await page.fill('#text', 'new 777')
    expect(await shown()).toBe('11 of 20,003 shown')
    await page.fill('#text', '')
  })

  test('scrolls to the last change', async () => {
    await page.evaluate('document.getElementById("grid").scrollTop = 1e9')
    await expect.poll(async () => await page.locator('#window .row').last().getAttribute('aria-rowindex')).toBe('20004')
  })
})

/** Two syncs, the first of them in step. */
function fill(world: World): void {
  const numbers = (last: number) => `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${last})`
  for (const [file, word] of [
    ['a.db', 'new'],
    ['b.db', 'old'],
  ] as const) {
    world.sqlite(
      file,
      'CREATE TABLE same (id INTEGER PRIMARY KEY)',
      'CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT, note TEXT)',
      `${numbers(20_000)} INSERT INTO items SELECT i, '${word} ' || i, CASE WHEN i % 2 THEN '' END FROM n`,
    )
  }
  world.sqlite('a.db', `INSERT INTO items VALUES (30000, 'first', NULL), (30001, '</script><b>bold</b>', 'x')`)
  world.sqlite('b.db', `INSERT INTO items VALUES (30002, 'gone', NULL)`)
  world.write(
    'syncline.yaml',
    `connections: { a: ./a.db, b: ./b.db }
defaults: { mode: mirror, guard: off }
syncs:
  same: { from: 'a#same', to: 'b#same' }
  items: { from: 'a#items', to: 'b#items' }
`,
  )
}
