import { RetryableError, RunError, type SynclineError } from '../../core/errors.ts'
import type { Place } from './place.ts'
import type { ServerError } from './server-error.ts'

/** What a server said to a login that failed (TDS answers it with an error token), or `undefined` where it was something else. */
export function loginError({ number, message }: ServerError, { connection, server, user }: Place): SynclineError | undefined {
  const at = `${connection} (${server})`
  switch (number) {
    case 18_456:
    case 18_452:
    case 18_450:
    case 18_486:
      return new RunError({
        code: 'LOGIN_FAILED',
        message: `${at}: the login of user \`${user}\` failed (SQL Server error ${number})`,
        hint: 'check user and password, whether the server takes SQL logins (mixed mode), and whether the login may use this database; the server’s log says which it is',
      })
    case 18_487:
    case 18_488:
      return new RunError({
        code: 'PASSWORD_EXPIRED',
        message: `${at}: the password of user \`${user}\` has expired or must be changed (SQL Server error ${number})`,
        hint: 'change it with another tool, then name the new one in the connection',
      })
    case 4060:
    case 911:
      return new RunError({
        code: 'DATABASE_NOT_FOUND',
        message: `${at}: the database does not exist, or user \`${user}\` may not open it (SQL Server error ${number})`,
        hint: 'create it, grant access to it, or name another database in the connection',
      })
    case 40_615:
    case 40_914:
      return new RunError({
        code: 'FIREWALL',
        message: `${at}: the server’s firewall lets no connection in from here (SQL Server error ${number})`,
        hint: 'add this machine’s address to the firewall rules of the Azure SQL server',
      })
    case 17_809:
    case 10_928:
      return new RetryableError({
        code: 'TOO_MANY_CONNECTIONS',
        message: `${at}: the server takes no more connections (SQL Server error ${number})`,
        hint: 'close other connections, or raise the limit',
      })
    default: {
      const known = words.find(({ say }) => say.test(message))
      return known && loginError({ number: known.number, message: '', severity: 14 }, { connection, server, user })
    }
  }
}

/** What servers say in words that have other numbers for it. */
const words: readonly { readonly say: RegExp; readonly number: number }[] = [
  { say: /cannot open database|^database .* does not exist/i, number: 4060 },
  { say: /login failed|authentication failed/i, number: 18_456 },
]
