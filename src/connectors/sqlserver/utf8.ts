import type { Row } from './request.ts'

/** SQL Server 2019 and later, and Azure SQL, have the first; the database's own may be one of UTF-8 as well. */
const candidates = ['Latin1_General_100_BIN2_UTF8', 'DATABASE_DEFAULT'] as const

/**
 * @returns the collation by which the server makes UTF-8 of a text, so that it hashes texts as other systems do; `undefined` where
 * there is none, as before SQL Server 2019.
 */
export async function utf8Collation(query: (sql: string) => Promise<readonly Row[]>): Promise<string | undefined> {
  for (const collation of candidates) {
    // A collation that the server does not know is an error.
    const [row] = await query(utf8ProbeSql(collation)).catch(() => [])
    if (Buffer.isBuffer(row?.bytes) && row.bytes.equals(utf8Probe)) return collation
  }
  return undefined
}

/** The MD5 of a text whose UTF-8 no code page has: ä€𝄞. */
const utf8Probe = Buffer.from('4fb5dcc928ac1ba1f26e2788f6ccd8ba', 'hex')

export function utf8ProbeSql(collation: string): string {
  return `SELECT HASHBYTES('MD5', CONVERT(varchar(max), CONVERT(nvarchar(max), N'ä€𝄞') COLLATE ${collation})) AS bytes`
}
