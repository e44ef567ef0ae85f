import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** The folder of real data: $HOMEWARD_DATA, or ../shared/data beside the repository. */
export const dataRoot: string = process.env['HOMEWARD_DATA'] ?? join(import.meta.dirname, '..', '..', 'shared', 'data')

/** Path of a real data file, or null (with a message, once) where it does not exist: `it.skipIf(!realData('…'))`. */
export function realData(path: string): string | null {
  const full = join(dataRoot, path)
  if (existsSync(full)) return full
  if (!missing.has(path)) console.warn(`skipped: real data file ${path} is not here (set HOMEWARD_DATA)`)
  missing.add(path)
  return null
}

const missing = new Set<string>()
