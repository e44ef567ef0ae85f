import { differentiate } from './differentiate.ts'
import type { Formula } from './formulas.ts'
import type { Node } from './node.ts'
import { countUses, Schedule } from './schedule.ts'

/** The plain TypeScript of a formula: a FactorType's `evaluate`. */
export function emitDefinition(formula: Formula): string {
  const { residual, jacobian } = differentiate(formula)
  const schedule = new Schedule(countUses([...residual, ...jacobian]), write, bare)
  const { lines } = schedule
  const assign = (target: string, values: readonly Node[]): void => {
    const texts = values.map((value) => bare(schedule.write(value)))
    lines.push(...texts.map((text, k) => `${target}${k ? ` + ${k}` : ''}] = ${text}`))
  }
  assign('r[rAt', residual)
  lines.push('if (J === null) return')
  assign('J[JAt', jacobian)
  const slots = formula.variables.map((_, slot) => `const v${slot} = at[atAt${slot ? ` + ${slot}` : ''}]`)
  return `// Made by scripts/expressions.mjs from scripts/expressions/formulas.ts; do not edit.

/** ${formula.about} */
export function ${functionName('evaluate', formula)}(
  x: Float64Array,
  at: Int32Array,
  atAt: number,
  z: Float64Array,
  zAt: number,
  r: Float64Array,
  rAt: number,
  J: Float64Array | null,
  JAt: number,
): void {
${[...slots, ...lines].map((line) => `  ${line}`).join('\n')}
}
`
}

export function functionName(verb: string, { name }: Formula): string {
  return verb + name.replace(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase())
}

function write({ op, value, source }: Node, [a, b, c]: readonly string[]): string {
  switch (op) {
    case 'constant':
      return String(value)
    case 'input': {
      const { from, slot, index } = source!
      return `${from === 'data' ? 'z[zAt' : `x[v${slot}`}${index ? ` + ${index}` : ''}]`
    }
    case 'add':
      return `(${bareLeft(a!)} + ${b})`
    case 'sub':
      return `(${bareLeft(a!)} - ${b})`
    case 'mul':
      return `(${a} * ${b})`
    case 'div':
      return `(${a} / ${b})`
    case 'neg':
      return `-${a}`
    case 'abs':
      return `Math.abs(${bare(a!)})`
    case 'floor':
      return `Math.floor(${bare(a!)})`
    case 'less':
      return `${a} < ${b}`
    case 'select':
      return `(${a} ? ${b} : ${c})`
  }
}

/** Without the outer brackets. */
function bare(text: string): string {
  return text.startsWith('(') && closing(text) === text.length - 1 ? text.slice(1, -1) : text
}

/** (a + b) + c is a + b + c; a sum's right operand keeps its brackets. */
function bareLeft(text: string): string {
  return text.includes('?') ? text : bare(text)
}

function closing(text: string): number {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++
    else if (text[i] === ')' && --depth === 0) return i
  }
  return -1
}
