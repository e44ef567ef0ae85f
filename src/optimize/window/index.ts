/** window: taking variables out of a problem and keeping what was known of them. Read `marginalize.ts`, then `prior.ts`. */
export { type Marginal, type MarginalizeOptions, marginalize, type QuadraticModel, quadraticAt } from './marginalize.ts'
export { addPrior, type HessianPrior, linearPrior, type Prior, type SquareRootPrior } from './prior.ts'
export { type SlideWindowOptions, type SlideWindowResult, slideWindow, type WindowFrame } from './slide-window.ts'
export { solveWindow, type WindowSolution, type WindowSolveOptions } from './solve-window.ts'
