/**
 * testing: what tests of factors and manifolds share; public, so that users hold their own to the same laws. Free of any
 * test framework: checks throw an Error that names what is wrong. Imports every room below. Read `derivatives.ts` first.
 */
export * from './allocations.ts'
export * from './derivatives.ts'
export * from './group-laws.ts'
export type { LawResult } from './law-book.ts'
export { checkManifold } from './manifold-laws.ts'
export type { ManifoldCheckOptions } from './manifold-samples.ts'
export * from './tolerance.ts'
