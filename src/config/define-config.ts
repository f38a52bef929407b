import type { ConfigInput } from './schema.ts'

/** Gives a `syncline.config.ts` its types; returns the config as it is. It is checked when it is loaded. */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config
}
