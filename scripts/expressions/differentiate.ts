import type { Formula } from './formulas.ts'
import { numbersOf, type Variable } from './geometry.ts'
import { add, input, mul, type Node, zero } from './node.ts'

/** A formula's outputs: m residuals, and the blocks d r / d δ_k one behind the other, each by rows. */
export interface Outputs {
  readonly residual: readonly Node[]
  readonly jacobian: readonly Node[]
}

export function differentiate(formula: Formula): Outputs {
  const variables: Variable[] = []
  let column = 0
  formula.variables.forEach(({ numbers, dim }, slot) => {
    variables.push({ numbers: numbersOf('variable', slot, numbers), column })
    column += dim
  })
  const r = formula.residual(variables, numbersOf('data', 0, formula.data))
  const jacobian = formula.variables.flatMap(({ dim }, slot) =>
    r.flatMap(({ slopes }) => Array.from({ length: dim }, (_, c) => slopes.get(variables[slot]!.column + c) ?? zero)),
  )
  return { residual: r.map(({ value }) => value), jacobian }
}

/** R r and R J for a packed upper-triangular R; sums in the order of whitenVector and whitenBlock of the linearizer. */
export function whiten(formula: Formula, { residual, jacobian }: Outputs): Outputs {
  const m = residual.length
  const root = (i: number, k: number): Node => input('root', 0, i * m - (i * (i - 1)) / 2 + k - i)
  const times = (column: (k: number) => Node, i: number): Node => {
    let sum = zero
    for (let k = i; k < m; k++) sum = add(sum, mul(root(i, k), column(k)))
    return sum
  }
  const whitened: Node[] = []
  let from = 0
  for (const { dim } of formula.variables) {
    const at = from
    for (let i = 0; i < m; i++)
      for (let c = 0; c < dim; c++) whitened.push(times((k) => jacobian[at + k * dim + c]!, i))
    from += m * dim
  }
  return { residual: residual.map((_, i) => times((k) => residual[k]!, i)), jacobian: whitened }
}
