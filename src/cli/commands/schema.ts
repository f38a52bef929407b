import { configJsonSchema } from '../../config/json-schema.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import type { Output } from '../output.ts'

/** Prints the JSON Schema of the config, for editors. */
export function schema(output: Output): ExitCode {
  output.document(configJsonSchema())
  return exitCodes.done
}
