/**
 * optimize: from a graph to its optimum. Compiles a graph into batches and structure, finds a start, minimizes, says what
 * happened. Imports graph, linear, geometry, numeric. Read `minimize.ts` first: the page everyone should read.
 */
export type * from './options.ts'
export type * from './summary.ts'
