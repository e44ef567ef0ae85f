import type { IterationRow } from '../../../src/index.ts'
import { tableHead, tableRow } from './report.ts'

/** Tells what is going on, on stderr: to someone at a terminal, or to whoever asked for it. */
export interface Progress {
  /** Called now and then while a file is read. */
  reading(bytes: number): void
  iteration(row: IterationRow): void
  /** True when the iterations are on the screen already. */
  readonly shown: boolean
}

/** @param wanted what was asked for; undefined: whether stderr is a terminal decides */
export function createProgress(cost: () => string, wanted?: boolean): Progress {
  const terminal = process.stderr
  if (!(wanted ?? terminal.isTTY)) return { reading() {}, iteration() {}, shown: false }
  let transient = false
  let headed = false
  const clear = (): void => {
    if (transient) terminal.write('\r\x1b[K')
    transient = false
  }
  return {
    reading(bytes) {
      if (bytes < 1 << 22 || !terminal.isTTY) return
      terminal.write(`\r\x1b[Kreading: ${(bytes / 1e6).toFixed(0)} MB`)
      transient = true
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
