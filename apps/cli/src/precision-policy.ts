import { readFileSync } from 'node:fs'
import { InputError } from '../../../src/data/index.ts'
import { type PolicyChanges, type PresetName, presetNames } from '../../../src/optimize/index.ts'

/**
 * What `--precision` names: a preset, or a JSON file with what its policy changes in one.
 * @throws InputError for a file that cannot be read or holds no JSON object
 */
export function readPolicy(nameOrFile: string): PresetName | PolicyChanges {
  if ((presetNames as readonly string[]).includes(nameOrFile)) return nameOrFile as PresetName
  const expected = `one of ${presetNames.join(', ')}, or a JSON file with a policy`
  let text: string
  try {
    text = readFileSync(nameOrFile, 'utf8')
  } catch {
    throw new InputError(nameOrFile, 0, expected, 'no file of that name')
  }
  let policy: unknown
  try {
    policy = JSON.parse(text)
  } catch (error) {
    throw new InputError(nameOrFile, 0, 'JSON', error instanceof Error ? error.message : String(error))
  }
  if (typeof policy !== 'object' || policy === null || Array.isArray(policy))
    throw new InputError(nameOrFile, 0, 'a JSON object', JSON.stringify(policy).slice(0, 40))
  return policy as PolicyChanges
}
