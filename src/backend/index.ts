/**
 * backend: the machinery of kernels: one WebAssembly module with one linear memory, and whether this engine can run it.
 * Imports numeric. Read `wasm/module.ts` first.
 */
export { type Allocation, Arena } from './arena.ts'
export { type LinearFloat64, MemoryError, Region } from './region.ts'
export { type BackendProbe, type Kernels, kernels, probe } from './wasm/module.ts'
