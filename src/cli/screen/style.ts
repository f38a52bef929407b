import { styleText } from 'node:util'

type Format = Parameters<typeof styleText>[0]

/** Colours by what they mean. Without colour every one gives its text back. */
export interface Style {
  readonly insert: (text: string) => string
  readonly update: (text: string) => string
  readonly delete: (text: string) => string
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly warn: (text: string) => string
  readonly strong: (text: string) => string
  readonly faint: (text: string) => string
}

export function createStyle(color: boolean): Style {
  const paint = (format: Format) => (text: string) => (color ? styleText(format, text, { validateStream: false }) : text)
  return {
    insert: paint('green'),
    update: paint('yellow'),
    delete: paint('red'),
    good: paint('green'),
    bad: paint('red'),
    warn: paint('yellow'),
    strong: paint('bold'),
    faint: paint('dim'),
  }
}
