import { emitDefinition } from './emit-definition.ts'
import { emitTwin } from './emit-twin.ts'
import { formulas } from './formulas.ts'

/** Every file that the expressions make, by its path from the repository's root. */
export function files(): { path: string; text: string }[] {
  return formulas.flatMap((formula) => [
    { path: `src/graph/factors/kernels/${formula.name}.ts`, text: emitDefinition(formula) },
    { path: `src/graph/factors/kernels/${formula.name}.as.ts`, text: emitTwin(formula) },
  ])
}
