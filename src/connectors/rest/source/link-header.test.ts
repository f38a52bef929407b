import { expect, test } from 'vitest'
import { linkOf } from './link-header.ts'

test.each([
  ['<https://a.example/?p=2>; rel="next"', 'https://a.example/?p=2'],
  ['<a>; rel=next', 'a'],
  ['<a>; rel="prev", <b>; rel="next"', 'b'],
  ['<a,b;c>; title="x, <y>; rel=\\"next\\""; rel="last next"', 'a,b;c'],
  ['<a>;rel=prev,<b>;REL=NEXT', 'b'],
  ['<a>; rel="nextish"', undefined],
  ['<a>', undefined],
  ['nonsense', undefined],
  ['', undefined],
])('%s', (header, target) => {
  expect(linkOf(new Headers({ link: header }), 'next')).toBe(target)
})
