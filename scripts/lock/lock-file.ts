export interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>
}

interface LockedPackage {
  readonly version?: string
  readonly resolved?: string
  readonly license?: string
  readonly dev?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

interface Missing {
  readonly name: string
  readonly range: string
  readonly parent: LockedPackage
}

/**
 * What is wrong with a lock file: `npm ci` refuses one that leaves out a platform's package, which is how npm writes it when
 * the registry at hand does not offer that package; and a host in it is one machine's business.
 */
export function lockFaults(lock: Lock): readonly string[] {
  const hosts = Object.entries(lock.packages).filter(([, { resolved }]) => resolved?.includes('://'))
  return [
    ...missingPackages(lock).map(({ name }) => `${name} is missing: run node scripts/check-lock.ts --complete`),
    ...hosts.map(([path]) => `${path} names the host it was fetched from: run npm install with the project's .npmrc`),
  ]
}

/** The lock file with the missing platform packages, by the exact version their parent asks for; npm adds their digests when it meets them. */
export function completed(lock: Lock): Lock {
  const { '': root, ...packages } = lock.packages
  const added = missingPackages(lock).map(
    ({ name, range, parent }) => [`node_modules/${name}`, platformPackage(name, range, parent)] as const,
  )
  const sorted = [...Object.entries(packages), ...added].sort(([a], [b]) => a.localeCompare(b, 'en'))
  return { ...lock, packages: { ...(root ? { '': root } : {}), ...Object.fromEntries(sorted) } }
}

function missingPackages({ packages }: Lock): readonly Missing[] {
  return Object.entries(packages).flatMap(([path, parent]) =>
    Object.entries(parent.optionalDependencies ?? {})
      .filter(([name]) => !resolves(packages, path, name))
      .map(([name, range]) => ({ name, range, parent })),
  )
}

/** As Node looks for a package: beside its parent's dependencies, then one level up, to the top. */
function resolves(packages: Lock['packages'], path: string, name: string): boolean {
  if (`${path}${path && '/'}node_modules/${name}` in packages) return true
  return path !== '' && resolves(packages, path.slice(0, Math.max(0, path.lastIndexOf('/node_modules/'))), name)
}

const platform = /(android|darwin|freebsd|linux|openharmony|win32)-(arm64|arm|ia32|ppc64|riscv64|s390x|x64)(-\w+)?$/

function platformPackage(name: string, range: string, { license, dev }: LockedPackage): LockedPackage {
  const [, os, cpu, rest = ''] = platform.exec(name) ?? []
  if (os === undefined || !/^\d/.test(range))
    throw new Error(`${name}@${range}: only a platform's package of an exact version can be added`)
  const libc = rest.includes('musl') ? 'musl' : rest.includes('gnu') ? 'glibc' : undefined
  return {
    version: range,
    ...{ cpu: [cpu], ...(os === 'linux' && libc ? { libc: [libc] } : {}), os: [os], optional: true },
    ...(dev ? { dev } : {}),
    ...(license === undefined ? {} : { license }),
  }
}
