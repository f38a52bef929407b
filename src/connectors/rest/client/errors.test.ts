import { expect, test } from 'vitest'
import { networkFailure } from './errors.ts'

const asked = { connection: 'crm', method: 'POST', path: '/contacts' }

test.each([
  ['connect', 'HOST_UNREACHABLE', 'always'],
  ['read', 'CONNECTION_LOST', 'repeatable'],
  ['write', 'CONNECTION_LOST', 'repeatable'],
])('a time that runs out in %s', (syscall, code, again) => {
  const failure = networkFailure(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT', syscall }), asked, 'host')
  expect([failure.error.code, failure.again]).toEqual([code, again])
})
