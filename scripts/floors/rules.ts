import type { ICruiseOptions, IForbiddenRuleType } from 'dependency-cruiser'

/**
 * The floors of docs/architecture.md: what each part of src/ may import besides itself. Lower floors know nothing of
 * higher ones. `npm run check` cruises the tree with these rules (scripts/check-floors.ts).
 */
const floors: Readonly<Record<string, readonly string[]>> = {
  core: [],
  duckdb: ['core/'],
  config: ['core/'],
  'connectors/connector.ts': ['core/'],
  'connectors/sql': ['core/', 'connectors/connector.ts'],
  'connectors/registry.ts': ['core/', 'connectors/'],
  stage: ['core/', 'duckdb/'],
  state: ['core/'],
  sync: ['core/', 'stage/', 'state/', 'connectors/connector.ts'],
  'app.ts': ['core/', 'config/', 'connectors/connector.ts', 'connectors/registry.ts', 'stage/', 'state/', 'sync/', 'app/'],
  app: ['core/', 'config/', 'connectors/connector.ts', 'connectors/registry.ts', 'stage/', 'state/', 'sync/', 'app.ts'],
  cli: ['core/', 'config/', 'app.ts'],
  'bin.ts': ['cli/main.ts'],
  'index.ts': ['core/', 'config/', 'app.ts'],
}

/** Drivers and engines are known to one place each; everybody else goes through it. */
const homes: Readonly<Record<string, readonly string[]>> = {
  '@duckdb': ['duckdb/', 'stage/', 'connectors/duckdb/', 'connectors/files/'],
  pg: ['connectors/postgres/'],
  'pg-copy-streams': ['connectors/postgres/'],
  mysql2: ['connectors/mysql/'],
  tedious: ['connectors/sqlserver/'],
  undici: ['connectors/rest/'],
  saxes: ['connectors/rest/'],
  yauzl: ['connectors/files/excel/'],
  '@e965/xlsx': ['connectors/files/excel/'],
  kysely: ['state/'],
  commander: ['cli/'],
  yaml: ['config/'],
}

const source = '^src/'
const tests = '[.]test[.]ts$'
const literally = (path: string) => path.replaceAll('.', '[.]')
const anyOf = (paths: readonly string[]) => `${source}(${paths.map(literally).join('|')})`

const folderOf = (floor: string) => (floor.endsWith('.ts') ? floor : `${floor}/`)

const floorRules: readonly IForbiddenRuleType[] = Object.entries(floors).map(([floor, allowed]) => {
  const own = folderOf(floor)
  return {
    name: `floor: ${floor}`,
    comment: `src/${own} may import ${allowed.length === 0 ? 'nothing but itself' : `only ${allowed.join(', ')}`}`,
    severity: 'error',
    from: { path: anyOf([own]), pathNot: tests },
    to: { path: source, pathNot: anyOf([own, ...allowed]) },
  }
})

const homeRules: readonly IForbiddenRuleType[] = Object.entries(homes).map(([module, allowed]) => ({
  name: `home: ${module}`,
  comment: `only ${allowed.join(', ')} may import ${module}`,
  severity: 'error',
  from: { path: source, pathNot: [anyOf(allowed), tests] },
  to: { path: `(^|/)node_modules/${module}/` },
}))

export const forbidden: IForbiddenRuleType[] = [
  ...floorRules,
  ...homeRules,
  {
    name: 'connectors stay apart',
    comment: 'a connector imports core, duckdb, the contract and connectors/sql, and never another connector',
    severity: 'error',
    from: { path: `${source}connectors/([^/]+)/`, pathNot: [tests, `${source}connectors/sql/`] },
    to: { path: source, pathNot: [`${source}connectors/$1/`, anyOf(['core/', 'duckdb/', 'connectors/connector.ts', 'connectors/sql/'])] },
  },
  {
    name: 'engine: few know it',
    comment: 'src/duckdb/ is for stage, connectors/duckdb and connectors/files',
    severity: 'error',
    from: { path: source, pathNot: [anyOf(['duckdb/', 'stage/', 'connectors/duckdb/', 'connectors/files/']), tests] },
    to: { path: `${source}duckdb/` },
  },
  {
    name: 'core stands alone',
    comment: 'src/core/ imports no package and no part of Node',
    severity: 'error',
    from: { path: `${source}core/`, pathNot: tests },
    to: { pathNot: source },
  },
  {
    name: 'every file has its floor',
    comment: 'a new part of src/ is added to the table of floors first',
    severity: 'error',
    from: { path: source, pathNot: [anyOf(Object.keys(floors).map(folderOf)), `${source}connectors/[^/]+/`, tests] },
    to: {},
  },
  {
    name: 'no cycles',
    severity: 'error',
    from: { path: source },
    to: { circular: true },
  },
  {
    name: 'no tests in the product',
    severity: 'error',
    from: { path: source, pathNot: tests },
    to: { path: [tests, '^test/'] },
  },
  {
    name: 'nothing unresolved',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
]

export const options: ICruiseOptions = {
  parser: 'swc',
  doNotFollow: { path: 'node_modules' },
  tsPreCompilationDeps: true,
  enhancedResolveOptions: {
    exportsFields: ['exports'],
    conditionNames: ['import', 'node', 'default', 'types'],
    extensions: ['.ts', '.js'],
  },
}
