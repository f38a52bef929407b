import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Cells, type Change, cellsOf, changed, digestOf, type Row, randomChange, randomRows } from './content.ts'
import type { Course } from './courses.ts'
import { type Ended, type Running, start, toldBy } from './drive.ts'
import { compiled, inProcess } from './installed.ts'
import { FaultyProxy } from './proxy.ts'
import type { Random } from './random.ts'
import { SmallDisk } from './small-disk.ts'
import { openStore, type Servers, type Store, type System } from './stores.ts'

/** What a scene is made of. */
export interface Setting {
  readonly course: Course
  readonly from: System
  readonly to: System
  /** The end that is reached by way of a proxy. */
  readonly proxied?: 'source' | 'target'
  readonly rows: number
  /** What lies on a small disk of its own, where this machine mounts one. */
  readonly disk?: 'target' | 'temporary' | 'state'
  /** Servers of its own in place of those of all cases. */
  readonly servers?: Servers
  /** The target refuses rows whose note says so. */
  readonly refuses?: boolean
  /** Tables of one sync in place of one: in the target each refers to the one before. */
  readonly family?: boolean
}

const ports: Readonly<Record<string, number>> = { PostgreSQL: 5432, MySQL: 3306 }

/** The note of a row that a target may refuse. */
const refused = 'to be refused'

/** What an undisturbed run took: faults are spread over it. */
export interface Measured {
  readonly milliseconds: number
  readonly steps: readonly string[]
  readonly carried: { readonly up: number; readonly down: number }
}

/** One sync between two databases of its own, with a folder, a temporary directory and a state of its own. */
export class Scene implements AsyncDisposable {
  readonly setting: Setting
  readonly folder: string
  readonly source: Store
  readonly target: Store
  readonly proxy: FaultyProxy | undefined
  readonly disk: SmallDisk | undefined
  readonly #opened: AsyncDisposableStack
  #content: ReadonlyMap<number, Row> = new Map()
  /** Of the last run that nothing disturbed; a guess until there is one. */
  measured: Measured = { milliseconds: 400, steps: [], carried: { up: 20_000, down: 20_000 } }

  static async open(setting: Setting, random: Random): Promise<Scene> {
    await using opened = new AsyncDisposableStack()
    const folder = mkdtempSync(join(tmpdir(), 'faults-'))
    opened.defer(() => rmSync(folder, { recursive: true, force: true }))
    const source = opened.use(await openStore(setting.from, join(folder, 'a.db'), setting.servers))
    const disk = setting.disk && SmallDisk.mount(join(folder, 'disk'))
    if (disk) opened.use(disk)
    const target = opened.use(
      await openStore(setting.to, join(disk && setting.disk === 'target' ? disk.path : folder, 'b.db'), setting.servers),
    )
    const between = setting.proxied === 'source' ? source : setting.proxied === 'target' ? target : undefined
    const proxy = between && opened.use(await FaultyProxy.open(between.url, ports[between.system] ?? 0))
    const scene = new Scene({ setting, folder, source, target, proxy, disk }, opened.move())
    try {
      await scene.#furnish(random)
      return scene
    } catch (error) {
      await scene[Symbol.asyncDispose]()
      throw error
    }
  }

  private constructor(parts: Pick<Scene, 'setting' | 'folder' | 'source' | 'target' | 'proxy' | 'disk'>, opened: AsyncDisposableStack) {
    this.setting = parts.setting
    this.folder = parts.folder
    this.source = parts.source
    this.target = parts.target
    this.proxy = parts.proxy
    this.disk = parts.disk
    this.#opened = opened
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync()
  }

  get temporary(): string {
    return join(this.#placeOf('temporary'), 'tmp')
  }

  get tables(): readonly string[] {
    return this.setting.family ? ['t', 'u', 'v'] : ['t']
  }

  /** The digest that the target must come to: independent of Syncline, and of both databases. */
  get wanted(): string {
    return this.#digest((table) => [...this.#content.values()].filter(({ id }) => isIn(table, id)).map(cellsOf))
  }

  /** What the target holds, in few words: of many tables once nothing moves any more, which a killed process may have begun. */
  async glance(): Promise<string> {
    for (let before = ''; ; ) {
      const now = (await Promise.all(this.tables.map(async (table) => await this.target.glance(table)))).join('; ')
      if (now === before || this.tables.length === 1) return now
      before = now
    }
  }

  /** Lets the source move on. */
  async moveOn(random: Random): Promise<void> {
    await this.#change(randomChange(random, this.#content, this.setting.course))
  }

  /** Rows at the end of the source that the target refuses. */
  async addRefused(random: Random): Promise<void> {
    const first = Math.max(...this.#content.keys()) + 1
    await this.#change({ inserts: randomRows(random, first, 3).map((row) => ({ ...row, note: refused })), updates: [], deletes: [] })
  }

  /** Makes something of them that the target takes. */
  async mendRefused(): Promise<void> {
    const rows = [...this.#content.values()].filter(({ note }) => note === refused)
    await this.#change({ inserts: [], updates: rows.map((row) => ({ ...row, note: 'mended' })), deletes: [] })
  }

  start(args: readonly string[], environment: Readonly<Record<string, string>> = {}, shell?: string): Running {
    const own = { TMPDIR: this.temporary, NODE_COMPILE_CACHE: compiled }
    return start({
      folder: this.folder,
      arguments: args,
      environment: { ...own, ...environment },
      ...(shell === undefined ? {} : { shell }),
    })
  }

  /** A run that nothing disturbs; it must succeed, and is measured. */
  async runAlone(args: readonly string[] = ['run']): Promise<Ended> {
    const list = join(this.folder, 'steps.json')
    this.proxy?.arm()
    const ended = await this.start(args, { ...inProcess('steps'), FAULTS_STEPS: list }).ended
    if (ended.code !== 0 && !(args[0] === 'plan' && ended.code === 2)) {
      const [told] = toldBy(ended)
      const what = told ? `${told.status} ${told.error?.code}: ${told.error?.message}` : ended.stderr.slice(-2000)
      throw new Error(`the run that nothing disturbed ended with ${ended.code}: ${what}`)
    }
    const steps = JSON.parse(readFileSync(list, 'utf8')) as readonly string[]
    this.measured = { milliseconds: ended.milliseconds, steps, carried: this.proxy?.carried ?? { up: 0, down: 0 } }
    return ended
  }

  /** Both sides as they are, read by the drivers. */
  async digests(): Promise<{ readonly source: string; readonly target: string }> {
    const [source, target] = await Promise.all([this.source, this.target].map(async (store) => await cellsIn(store, this.tables)))
    return {
      source: this.#digest((table) => source?.get(table) ?? []),
      target: this.tables.map((table) => digestOf(target?.get(table) ?? [])).join('; '),
    }
  }

  /** Of all tables, with the rows of the target's own. */
  #digest(rowsOf: (table: string) => readonly Cells[]): string {
    const own = this.setting.course.own.map(cellsOf)
    return this.tables.map((table) => digestOf([...rowsOf(table), ...(table === 't' ? own : [])])).join('; ')
  }

  /** Names of what lies in the temporary directory. */
  temporaries(): readonly string[] {
    return readdirSync(this.temporary)
  }

  /** Where another machine would keep its state. */
  get otherState(): string {
    return join(this.folder, 'other')
  }

  /** Ids of runs that succeeded, as the states have them. */
  succeeded(): readonly string[] {
    return this.#runs("status = 'succeeded'")
  }

  /** How many runs went on with what others had loaded. */
  continued(): number {
    return this.#runs("result LIKE '%\"continued: %'").length
  }

  /** Names of what is kept of changes. */
  journals(): readonly string[] {
    const folder = join(this.#state, 'journal')
    return existsSync(folder) ? readdirSync(folder).flatMap((sync) => readdirSync(join(folder, sync))) : []
  }

  #runs(condition: string): readonly string[] {
    const files = [this.#state, this.otherState].map((state) => join(state, 'state.db')).filter((file) => existsSync(file))
    return files.flatMap((file) => {
      using database = new DatabaseSync(file)
      const runs = database.prepare(`SELECT id FROM runs WHERE ${condition}`).all()
      return runs.map(({ id }) => String(id))
    })
  }

  async #change(change: Change): Promise<void> {
    for (const table of this.tables) {
      await this.source.change(table, {
        inserts: change.inserts.filter(({ id }) => isIn(table, id)),
        updates: change.updates.filter(({ id }) => isIn(table, id)),
        deletes: change.deletes.filter((id) => isIn(table, id)),
      })
    }
    this.#content = changed(this.#content, change)
  }

  #placeOf(what: Setting['disk']): string {
    return this.disk && this.setting.disk === what ? this.disk.path : this.folder
  }

  get #state(): string {
    return join(this.#placeOf('state'), 'state')
  }

  async #furnish(random: Random): Promise<void> {
    const { course, rows } = this.setting
    const first = randomRows(random, 1, rows)
    this.#content = new Map(first.map((row) => [row.id, row]))
    for (const [index, table] of this.tables.entries()) {
      await this.source.create(table, course.keyed)
      await this.source.insert(
        table,
        first.filter(({ id }) => isIn(table, id)),
      )
      const before = this.tables[index - 1]
      const check = this.setting.refuses === true ? `CHECK (note <> '${refused}')` : undefined
      await this.target.create(table, course.keyed, before === undefined ? check : `FOREIGN KEY (id) REFERENCES ${before} (id)`)
    }
    await this.target.insert('t', course.own)
    mkdirSync(this.temporary)
    writeFileSync(join(this.folder, 'syncline.yaml'), this.#config())
  }

  #config(): string {
    const { course, proxied } = this.setting
    const url = (end: 'source' | 'target') => {
      const { url: own } = this[end]
      return JSON.stringify(this.proxy && proxied === end ? this.proxy.urlOf(own) : own)
    }
    const resume = course.resume === undefined ? '' : `, resume: ${course.resume}`
    const from = this.setting.family ? course.from.replace('object: t', 'object: "*"').replace('a#t', '"a#*"') : course.from
    const to = this.setting.family ? '"b#{table}"' : 'b#t'
    const sync = `{ from: ${from}, to: ${to}, mode: ${course.mode}, guard: { deletes: 100% }${resume} }`
    const state = JSON.stringify(this.#state)
    return `connections: { a: ${url('source')}, b: ${url('target')} }\nsyncs: { s: ${sync} }\nstate: ${state}\n`
  }
}

/** Every second row of a table has one in the next, which refers to it. */
function isIn(table: string, id: number): boolean {
  return table === 't' || id % (table === 'u' ? 2 : 4) === 0
}

async function cellsIn(store: Store, tables: readonly string[]): Promise<ReadonlyMap<string, readonly Cells[]>> {
  const found = new Map<string, readonly Cells[]>()
  for (const table of tables) found.set(table, await store.cells(table))
  return found
}
