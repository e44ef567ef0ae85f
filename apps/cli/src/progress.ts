import type { IterationRow } from '../../../src/index.ts'
import { tableHead, tableRow } from './report.ts'

/** Tells someone at a terminal what is going on, on stderr; silent when stderr is no terminal or nobody asked. */
export interface Progress {
  /** Called now and then while a file is read. */
  reading(bytes: number): void
  iteration(row: IterationRow): void
  /** True when the iterations are on the screen already. */
  readonly shown: boolean
}

export function createProgress(cost: () => string, { quiet = false }: { readonly quiet?: boolean } = {}): Progress {
  const terminal = process.stderr
  if (quiet || !terminal.isTTY) return { reading() {}, iteration() {}, shown: false }
  let transient = false
  let headed = false
  const clear = (): void => {
    if (transient) terminal.write('\r\x1b[K')
    transient = false
  }
  return {
    reading(bytes) {
      if (bytes < 1 << 22) return
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
