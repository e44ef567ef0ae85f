import { UsageError } from '../numeric/index.ts'

/** A file that cannot be read as what it claims to be. The message carries file, line, what was expected and what came. */
export class InputError extends UsageError {
  readonly file: string
  /** 1-based; 0 where a line makes no sense (a binary file, an empty one). */
  readonly line: number
  readonly expected: string
  readonly found: string

  constructor(file: string, line: number, expected: string, found: string) {
    super(`${file}${line > 0 ? `:${line}` : ''}: expected ${expected}, found ${found}`)
    this.file = file
    this.line = line
    this.expected = expected
    this.found = found
  }
}

/** Reading was stopped by its caller's signal. Not a mistake: programs catch it by its name, as the web's own. */
export class AbortError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'AbortError'
  }
}
