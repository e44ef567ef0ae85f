/** Where bytes come from: all at once or in chunks (a file stream, a fetch body, a generator). */
export type Source = string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>

export interface ReadOptions {
  /** The file's name, for messages. */
  readonly name?: string
  /** Clip information matrices that are not positive semi-definite instead of refusing the file. */
  readonly repairInformation?: boolean
  /** Called now and then with the bytes read so far. */
  readonly onProgress?: (bytes: number) => void
  readonly signal?: { readonly aborted: boolean }
}

/** What a reader noticed that did not stop it. */
export interface ReadReport {
  readonly lines: number
  readonly bytes: number
  /** Tags that this reader does not know, with how often and where first. */
  readonly unknownTags: readonly { readonly tag: string; readonly count: number; readonly firstLine: number }[]
  /** Information matrices that were clipped. */
  readonly repaired: number
  /** Sentences for people. */
  readonly warnings: readonly string[]
}
