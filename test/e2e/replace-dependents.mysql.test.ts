import { describe, expect, test } from 'vitest'
import type { ConfigInput } from '../../src/index.ts'
import type { FreshDatabase } from '../services/fresh-database.ts'
import { freshMysqlDatabase, noMysql } from '../services/mysql.ts'
import { seenMeanwhile } from './polling.ts'
import { World } from './world.ts'

const config = (url: string, more: object = {}): ConfigInput => ({
  connections: { b: url },
  syncs: { t: { from: './in.csv', to: 'b#t', mode: 'replace', key: 'id', guard: 'off', ...more } },
})

const table = 'CREATE TABLE t (id int PRIMARY KEY, v varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, KEY by_v (v)) ENGINE = InnoDB'
const filled = "INSERT INTO t VALUES (1, 'a'), (2, 'b')"

describe.skipIf(noMysql)('a replace of a table of MySQL', () => {
  test.each([
    ['a view', 'CREATE VIEW seen AS SELECT * FROM t', 'SELECT count(*) FROM seen', '2'],
    [
      'a trigger',
      'CREATE TRIGGER noted AFTER UPDATE ON t FOR EACH ROW SET @noted = NEW.id',
      "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_TABLE = 't' AND TRIGGER_SCHEMA = database()",
      'noted',
    ],
    [
      'a foreign key of its own',
      'ALTER TABLE t ADD CONSTRAINT up FOREIGN KEY (id) REFERENCES parent (id)',
      "SELECT CONSTRAINT_NAME FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE TABLE_NAME = 't' AND CONSTRAINT_SCHEMA = database()",
      'up',
    ],
    [
      'numbers that were given out',
      'ALTER TABLE t MODIFY id int NOT NULL AUTO_INCREMENT, AUTO_INCREMENT = 500',
      "SELECT AUTO_INCREMENT >= 500 FROM information_schema.TABLES WHERE TABLE_NAME = 't' AND TABLE_SCHEMA = database()",
      '1',
    ],
    [
      'its indexes',
      'CREATE UNIQUE INDEX paired ON t (id, v)',
      "SELECT group_concat(DISTINCT INDEX_NAME ORDER BY INDEX_NAME) FROM information_schema.STATISTICS WHERE TABLE_NAME = 't' AND TABLE_SCHEMA = database()",
      'by_v,paired,PRIMARY',
    ],
  ])('keeps %s', async (_, hang, look, expected) => {
    await using database = await freshMysqlDatabase()
    using world = new World()
    await database.run('CREATE TABLE parent (id int PRIMARY KEY)', 'INSERT INTO parent VALUES (1), (2), (3)', table, filled, hang)
    world.write('in.csv', 'id,v\n1,new\n3,c\n')
    expect(await world.runOne(config(database.url))).toMatchObject({ error: null, counts: { inserted: 2, deleted: 2 } })
    expect(await database.rows(look)).toEqual([[expected]])
    expect(await database.rows('SELECT * FROM t ORDER BY id')).toEqual([
      ['1', 'new'],
      ['3', 'c'],
    ])
  })

  test('keeps grants, which are given to the name', async () => {
    await using database = await freshMysqlDatabase()
    using world = new World()
    const user = `g${database.name.slice(-12)}`
    await database.run(table, filled, `CREATE USER ${user}@localhost`, `GRANT SELECT ON ${database.name}.t TO ${user}@localhost`)
    try {
      world.write('in.csv', 'id,v\n1,new\n')
      expect(await world.runOne(config(database.url))).toMatchObject({ error: null })
      expect((await database.rows(`SHOW GRANTS FOR ${user}@localhost`)).flat().join('\n')).toContain(
        `GRANT SELECT ON \`${database.name}\`.\`t\``,
      )
    } finally {
      await database.run(`DROP USER ${user}@localhost`)
    }
  })

  test('keeps the children of rows that stay, and asks before those of others go along', async () => {
    await using database = await freshMysqlDatabase()
    using world = new World()
    await database.run(
      table,
      filled,
      'CREATE TABLE child (t int, FOREIGN KEY (t) REFERENCES t (id) ON DELETE CASCADE) ENGINE = InnoDB',
      'INSERT INTO child VALUES (1), (2)',
    )
    world.write('in.csv', 'id,v\n1,new\n3,c\n')
    const guarded = await world.runOne(config(database.url, { guard: { deletes: '100%' } }))
    expect(guarded).toMatchObject({ status: 'withheld', error: { message: expect.stringContaining('child') } })
    const allowed = await world.runOne(config(database.url, { guard: { cascades: 'allow' } }))
    expect(allowed).toMatchObject({ error: null, counts: { inserted: 1, updated: 1, deleted: 1 } })
    expect(await database.rows('SELECT * FROM child')).toEqual([['1']])
  })

  test('leaves statistics that fit what it loaded', async () => {
    await using database = await freshMysqlDatabase()
    using world = new World()
    await database.run(table, filled)
    world.write('in.csv', `id,v\n${Array.from({ length: 5_000 }, (_, id) => `${id},v${id % 10}`).join('\n')}\n`)
    await world.runOne(config(database.url))
    const look = `SELECT n_rows BETWEEN 4000 AND 6000 FROM mysql.innodb_table_stats WHERE database_name = '${database.name}' AND table_name = 't'`
    expect(await database.rows(look)).toEqual([['1']])
  })

  test.each([
    ['that is swapped in', []],
    ['that keeps its place', ['CREATE VIEW seen AS SELECT * FROM t']],
  ])('shows a table %s before or after it, and never between', async (_, more) => {
    await using database = await freshMysqlDatabase()
    using world = new World()
    await database.run(
      table,
      ...more,
      `INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) SELECT i, 'old' FROM n`,
    )
    world.write('in.csv', `id,v\n${Array.from({ length: 5_000 }, (_one, id) => `${id},new`).join('\n')}\n`)
    await using reader = await database.connect()
    const look = async () => (await reader.rows('SELECT count(*), min(v), max(v) FROM t')).flat().join(' ')
    const seen = await seenMeanwhile(look, world.runOne(config(database.url)))
    expect([...new Set(seen)]).toEqual(['900 old old', '5000 new new'])
    expect(await countOfLeftovers(database)).toBe('1')
  })
})

/** The former table, which an undo reads. */
async function countOfLeftovers(database: FreshDatabase): Promise<string | null | undefined> {
  const sql =
    "SELECT count(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = database() AND TABLE_NAME LIKE '\\\\_syncline\\\\_%' AND TABLE_NAME <> '_syncline_commits'"
  return (await database.rows(sql))[0]?.[0]
}
