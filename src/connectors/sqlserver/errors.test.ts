import { RequestError } from 'tedious'
import { expect, test } from 'vitest'
import { RetryableError, type SynclineError } from '../../core/errors.ts'
import { RefusedRowError } from '../sql/refusal.ts'
import { isRefusal, sqlServerError } from './errors.ts'
import { strictError } from './network-errors.ts'

const place = { connection: 'erp', server: 'erp.example:1433/ERP', user: 'reader' }

test.each([
  [
    2627,
    "Violation of PRIMARY KEY constraint 'PK_people'. Cannot insert duplicate key in object 'dbo.people'. The duplicate key value is (ann@example.com).",
    'NOT_UNIQUE',
    'constraint PK_people of dbo.people: two rows share a value that must be unique',
  ],
  [
    2601,
    "Cannot insert duplicate key row in object 'dbo.people' with unique index 'one_email'. The duplicate key value is (ann@example.com).",
    'NOT_UNIQUE',
    'constraint one_email of dbo.people',
  ],
  [
    1505,
    "The CREATE UNIQUE INDEX statement terminated because a duplicate key was found for the object name 'dbo.people' and the index name 'one_email'. The duplicate key value is (ann@example.com).",
    'NOT_UNIQUE',
    'constraint one_email of dbo.people',
  ],
  [
    2628,
    "String or binary data would be truncated in table 'ERP.dbo.people', column 'email'. Truncated value: 'ann@example.com'.",
    'VALUE_REFUSED',
    'a value is longer than column email of ERP.dbo.people',
  ],
  [
    515,
    "Cannot insert the value NULL into column 'email', table 'ERP.dbo.people'; column does not allow nulls. INSERT fails.",
    'CONSTRAINT_VIOLATED',
    'column email must not be NULL',
  ],
  [
    547,
    'The INSERT statement conflicted with the CHECK constraint "CK_age". The conflict occurred in database "ERP", table "dbo.people", column \'age\'.',
    'CONSTRAINT_VIOLATED',
    'constraint CK_age of dbo.people',
  ],
  [
    245,
    "Conversion failed when converting the varchar value 'ann@example.com' to data type int.",
    'VALUE_REFUSED',
    'a text is no value of its type',
  ],
  [50_001, 'no mail for ann@example.com', 'ROW_REFUSED', 'a trigger or procedure raised an error of its own'],
  [7_777, "something about 'ann@example.com': ann@example.com", 'STATEMENT_REFUSED', 'something about …'],
])('error %i tells names and no values', (number, message, code, said) => {
  const error = sqlServerError(serverError(number, message), place)
  expect(error).toMatchObject({ code })
  expect(error.message).toContain(said)
  expect(error.message).toContain(`SQL Server error ${number}`)
  expect(JSON.stringify([error, error.message, error.hint, error.cause])).not.toContain('ann@')
})

test.each([
  [1205, 'DEADLOCK'],
  [1222, 'LOCK_TIMEOUT'],
  [3960, 'CONFLICT'],
  [3961, 'CONFLICT'],
  [40_613, 'CONNECTION_LOST'],
])('error %i may be tried again', (number, code) => {
  const error = sqlServerError(serverError(number, 'whatever'), place)
  expect(error).toBeInstanceOf(RetryableError)
  expect(error.code).toBe(code)
})

test.each([
  [18_456, 'LOGIN_FAILED', /check user and password/],
  [4060, 'DATABASE_NOT_FOUND', /name another database/],
  [18_488, 'PASSWORD_EXPIRED', /change it with another tool/],
  [40_615, 'FIREWALL', /firewall rules/],
])('a login that ends with %i says what to do', (number, code, hint) => {
  const error = sqlServerError(serverError(number, "Login failed for user 'reader'."), place)
  expect(error).toMatchObject({ code })
  expect(error.message).toContain(`SQL Server error ${number}`)
  expect(error.hint).toMatch(hint)
})

test('what the statement names is told in full', () => {
  expect(sqlServerError(serverError(207, "Invalid column name 'amuont'."), place).message).toContain("'amuont'")
})

test('of several errors the first tells the reason', () => {
  const all = new AggregateError(
    [serverError(2627, "Violation of UNIQUE KEY constraint 'U'."), serverError(3621, 'The statement has been terminated.')],
    'several errors',
  )
  expect(sqlServerError(all, place).code).toBe('NOT_UNIQUE')
})

test('refusals of rows are told apart from everything else', () => {
  const of = (number: number): SynclineError => sqlServerError(serverError(number, 'x'), place)
  expect([2627, 515, 8152, 50_000].map((number) => isRefusal(of(number)))).toEqual([true, true, true, true])
  expect([208, 1205, 229, 102].map((number) => isRefusal(of(number)))).toEqual([false, false, false, false])
})

test.each([
  [2627, "Violation of UNIQUE KEY constraint 'one_email'. Cannot insert …", { reason: 'constraint', dependsOnOthers: true }],
  [515, "Cannot insert the value NULL into column 'email', table 'ERP.dbo.people'; …", { reason: 'not null', column: 'email' }],
  [2628, "… truncated in table 'ERP.dbo.people', column 'email'. Truncated value: 'ann'.", { reason: 'value', column: 'email' }],
  [
    547,
    `The INSERT statement conflicted with the CHECK constraint "CK_age". … table "dbo.people", column 'age'.`,
    { reason: 'constraint', column: 'age', dependsOnOthers: false },
  ],
  [
    547,
    `The INSERT statement conflicted with the FOREIGN KEY constraint "FK_boss". … table "dbo.bosses", column 'id'.`,
    { reason: 'constraint', dependsOnOthers: true },
  ],
  [
    547,
    `The DELETE statement conflicted with the SAME TABLE REFERENCE constraint "FK_boss". … table "dbo.people", column 'boss'.`,
    { reason: 'constraint', dependsOnOthers: true },
  ],
  [50_000, 'no mail for ann@example.com', { reason: 'constraint', dependsOnOthers: true }],
])('error %i tells what a row was refused for', (number, message, refusal) => {
  const error = sqlServerError(serverError(number, message), place)
  if (!(error instanceof RefusedRowError)) throw error
  expect(error.refusal).toMatchObject({ ...refusal, answer: message })
  expect(error.refusal.column).toBe('column' in refusal ? refusal.column : undefined)
})

test('a self-signed certificate is named as such, with both ways out', () => {
  const cause = Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  const error = sqlServerError(Object.assign(new Error('Failed to connect', { cause }), { code: 'ESOCKET' }), place)
  expect(error).toMatchObject({ code: 'TLS_UNTRUSTED' })
  expect(error.message).toContain('self-signed')
  expect(error.hint).toMatch(/`ca`.*`trustServerCertificate: true`/)
})

test.each([
  ['ENOTFOUND', 'HOST_NOT_FOUND'],
  ['ECONNREFUSED', 'HOST_UNREACHABLE'],
  ['ETIMEOUT', 'HOST_UNREACHABLE'],
  ['EINSTLOOKUP', 'INSTANCE_NOT_FOUND'],
  ['ECONNRESET', 'CONNECTION_LOST'],
])('%s on the way is %s', (code, expected) => {
  const cause = Object.assign(new Error('x'), { code })
  expect(sqlServerError(Object.assign(new Error('Failed to connect', { cause }), { code: 'ESOCKET' }), place).code).toBe(expected)
})

test('a server that ends the connection as TDS 8 begins is said not to speak it; other errors stay', () => {
  const lost = sqlServerError(Object.assign(new Error('x'), { code: 'ECONNRESET' }), place)
  const refused = strictError(lost, place)
  expect(refused).toMatchObject({ code: 'TLS_REFUSED' })
  expect(refused.hint).toContain('`encrypt: true`')
  const login = sqlServerError(serverError(18_456, 'Login failed.'), place)
  expect(strictError(login, place)).toBe(login)
})

function serverError(number: number, message: string): RequestError {
  return Object.assign(new RequestError(message, 'EREQUEST'), { number, class: 16 })
}
