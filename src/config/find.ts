import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from '../core/errors.ts'

const fileNames = [
  'syncline.yaml',
  'syncline.yml',
  'syncline.config.ts',
  'syncline.config.mts',
  'syncline.config.js',
  'syncline.config.mjs',
]

/**
 * The config of a folder, `undefined` where it holds none.
 * @throws ConfigError where it holds two.
 */
export function findConfig(directory: string): string | undefined {
  const [found, other] = fileNames.filter((name) => existsSync(join(directory, name)))
  if (found !== undefined && other !== undefined) {
    throw new ConfigError({
      code: 'TWO_CONFIGS',
      message: `${directory} holds both ${found} and ${other}; expected one config`,
      hint: `say which: --config ${found}`,
    })
  }
  return found === undefined ? undefined : join(directory, found)
}

/** What to say where a config is needed and there is none. */
export function noConfig(directory: string): ConfigError {
  return new ConfigError({
    code: 'NO_CONFIG',
    message: `no config in ${directory}; looked for ${fileNames.join(', ')}`,
    hint: '`syncline init` writes one; `--config FILE` names one elsewhere',
  })
}
