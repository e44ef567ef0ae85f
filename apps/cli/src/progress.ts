import type { IterationRow } from '../../../src/index.ts'
import { tableHead, tableRow } from './report.ts'

/** Tells what is going on, on stderr: to someone at a terminal, or to whoever asked for it. */
export interface Progress {
  /** Called before a file is read, and now and then meanwhile. */
  reading(bytes: number): void
  iteration(row: IterationRow): void
  /** True when the iterations are on the screen already. */
  readonly shown: boolean
}

/** @param wanted what was asked for; undefined: whether stderr is a terminal decides */
export function createProgress(cost: () => string, wanted?: boolean): Progress {
  const terminal = process.stderr
  if (!(wanted ?? terminal.isTTY)) return { reading() {}, iteration() {}, shown: false }
  let transient = false // a line that the next one replaces
  let headed = false
  const clear = (): void => {
    if (transient) terminal.write('\r\x1b[K')
    transient = false
  }
  return {
    reading(bytes) {
      const text = bytes < 1e6 ? 'reading' : `reading: ${(bytes / 1e6).toFixed(0)} MB`
      if (terminal.isTTY) terminal.write(`\r\x1b[K${text}`)
      else if (bytes === 0) terminal.write(`${text}\n`)
      transient = terminal.isTTY
    },
    iteration(row) {
      clear()
      if (!headed) terminal.write(`${tableHead(cost())}\n`)
      headed = true
      terminal.write(`${tableRow(row)}\n`)
    },
    get shown() {
      return headed
    },
  }
}
