/** Text files as lines and fields, streaming. For the readers of this room; read `lines.ts` first. */
export * from './bytes.ts'
export * from './chunks.ts'
export * from './line.ts'
export * from './lines.ts'
export * from './number.ts'
