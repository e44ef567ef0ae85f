import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { homewardOk } from '../built.ts'

export interface Folder {
  readonly path: string
  /** The path of a file in it. */
  at(name: string): string
  /** Writes a file; returns its path. */
  put(name: string, content: string | Uint8Array): string
  /** Has the generator make a problem; returns its path. */
  make(name: string, ...options: string[]): string
}

/** A folder for the tests of one file, removed at their end. */
export function testFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'homeward-cli-'))
  afterAll(() => rmSync(path, { recursive: true, force: true }))
  const at = (name: string): string => join(path, name)
  return {
    path,
    at,
    put(name, content) {
      writeFileSync(at(name), content)
      return at(name)
    },
    make(name, ...options) {
      homewardOk(['generate', ...options, '--quiet', '--out', at(name)])
      return at(name)
    },
  }
}
