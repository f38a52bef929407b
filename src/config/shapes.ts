import * as z from 'zod/mini'

/** A map with these keys and no others. */
export const section = <Shape extends z.core.$ZodShape>(shape: Shape, expected: string) =>
  z.strictObject(shape, { error: (issue) => (issue.code === 'invalid_type' ? expected : undefined) })

export const text = (expected: string) => z.string({ error: expected }).check(z.minLength(1, expected))

export const describe = (description: string) => z.describe(description)
