/** A variable's name: a small integer, a 64-bit id from a file, or a word of the user's own. */
export type Key = number | bigint | string

/** A key as messages show it: words in quotes, numbers bare. */
export function showKey(key: Key): string {
  return typeof key === 'string' ? `'${key}'` : String(key)
}
