import { differentiate, type Outputs, whiten } from './differentiate.ts'
import { functionName } from './emit-definition.ts'
import type { Formula } from './formulas.ts'
import { add, mul, type Node, zero } from './node.ts'
import { countUses, Schedule } from './schedule.ts'

/**
 * The AssemblyScript of a formula: whole batches, two factors at a time, one in each lane. An odd last factor is taken
 * twice. Four functions: with derivatives or without, whitened or not; each leaves rᵀ r of every factor in `squares`.
 */
export function emitTwin(formula: Formula): string {
  const raw = differentiate(formula)
  const whitened = whiten(formula, raw)
  return `// AssemblyScript. Made by scripts/expressions.mjs from scripts/expressions/formulas.ts; do not edit.
// ${formula.about}
// Addresses are in bytes; \`at\` holds offsets into x in numbers.

${[
  batch(formula, 'linearize', whitened, true, true),
  batch(formula, 'linearize', raw, true, false),
  batch(formula, 'square', whitened, false, true),
  batch(formula, 'square', raw, false, false),
].join('\n')}`
}

function batch(formula: Formula, verb: string, outputs: Outputs, derivatives: boolean, root: boolean): string {
  const { residual, jacobian } = outputs
  const m = residual.length
  const arity = formula.variables.length
  const square = residual.map((r) => mul(r, r)).reduce(add, zero)
  const written = derivatives ? [...residual, ...jacobian] : []
  const schedule = new Schedule(countUses([...written, square]), write)
  const { lines } = schedule
  const store = (target: string, values: readonly Node[]): void =>
    values.forEach((value, k) => {
      const text = schedule.write(value)
      const name = /^\w+$/.test(text) ? text : `${target}_${k}`
      if (name !== text) lines.push(`const ${name} = ${text}`)
      for (const lane of [0, 1]) lines.push(`v128.store64_lane(${target}${lane}, ${name}, ${lane}, ${8 * k})`)
    })
  const s = schedule.write(square)
  for (const lane of [0, 1]) lines.push(`v128.store64_lane(squares + (${'fg'[lane]} << 3), ${s}, ${lane})`)
  if (derivatives) {
    store('r', residual)
    store('J', jacobian)
  }
  const pointers = (name: string, base: string, bytes: number): string[] =>
    [0, 1].map((lane) => `const ${name}${lane} = ${base} + ${'fg'[lane]} * ${bytes}`)
  const heads = [
    'const g = f + 1 < count ? f + 1 : f',
    ...formula.variables.flatMap((_, k) =>
      [0, 1].map((lane) => `const v${k}${lane} = x + (load<u32>(at + ${'fg'[lane]} * ${4 * arity}, ${4 * k}) << 3)`),
    ),
    ...pointers('z', 'data', 8 * formula.data),
    ...(root ? pointers('R', 'root', 4 * m * (m + 1)) : []),
    ...(derivatives ? [...pointers('r', 'residual', 8 * m), ...pointers('J', 'jacobian', 8 * jacobian.length)] : []),
  ]
  const parameters = [
    'count',
    'x',
    'at',
    'data',
    ...(root ? ['root'] : []),
    'squares',
    ...(derivatives ? ['residual', 'jacobian'] : []),
  ]
  const name = functionName(verb, formula) + (root ? 'Whitened' : '')
  return `export function ${name}(${parameters.map((p) => `${p}: usize`).join(', ')}): void {
  for (let f: usize = 0; f < count; f += 2) {
${[...heads, ...lines].map((line) => `    ${line}`).join('\n')}
  }
}
`
}

function write({ op, value, source }: Node, [a, b, c]: readonly string[]): string {
  switch (op) {
    case 'constant':
      return `f64x2.splat(${value})`
    case 'input': {
      const { from, slot, index } = source!
      const base = from === 'variable' ? `v${slot}` : from === 'data' ? 'z' : 'R'
      return `v128.load64_lane(${base}1, v128.load64_zero(${base}0, ${8 * index}), 1, ${8 * index})`
    }
    case 'less':
      return `f64x2.lt(${a}, ${b})`
    case 'select':
      return `v128.bitselect(${b}, ${c}, ${a})`
    default:
      return `f64x2.${op}(${[a, b].filter(Boolean).join(', ')})`
  }
}
