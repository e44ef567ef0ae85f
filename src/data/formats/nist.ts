import { InputError } from '../errors.ts'

/**
 * One problem of NIST's Statistical Reference Datasets for nonlinear regression (StRD, 1999): observations, two starts,
 * and parameters certified to 11 digits (computed in 128-bit arithmetic). The model is given as text only.
 */
export interface NistProblem {
  readonly name: string
  readonly difficulty: 'lower' | 'average' | 'higher'
  /** The model as the file writes it, on one line: 'y = b1*(1-exp[-b2*x]) + e'. */
  readonly model: string
  /** The two starts, the harder one first; n numbers each. */
  readonly starts: readonly [Float64Array, Float64Array]
  readonly certified: Float64Array
  /** Certified standard deviations of the parameters. */
  readonly deviations: Float64Array
  readonly residualSum: number
  readonly residualDeviation: number
  /** Observations − parameters. (NIST's own line in Rat43.dat says 9 for 15 − 4; its deviations agree with 11.) */
  readonly degreesOfFreedom: number
  /** Names of the columns: the response first, then the predictors. */
  readonly columns: readonly string[]
  /** observations × columns, row-major. */
  readonly observations: Float64Array
  readonly observationCount: number
}

/**
 * Reads an StRD nonlinear regression file (.dat).
 * @param name the file's name, for messages
 * @throws InputError on text that is not such a file, numbers that do not parse, and counts that contradict each other
 */
export function parseNist(text: string, name = 'input'): NistProblem {
  const file = new File(text, name)
  const title = file.match(/^Dataset Name:\s*(\S+)/, 'an StRD file with a line "Dataset Name:"')
  const difficulty = file.match(/^\s*(Lower|Average|Higher) Level of Difficulty/, 'a line "… Level of Difficulty"')
  const declared = file.match(/^\s*(\d+) Parameters?\b/, 'a line "n Parameters (b1 to bn)"')
  const parameters = readParameters(file, Number(declared.text), declared.line)
  const residualSum = file.positive('Residual Sum of Squares')
  const residualDeviation = file.positive('Residual Standard Deviation')
  const count = file.positive('Number of Observations')
  const n = parameters.certified.length
  if (count <= n) throw file.error(file.find(/^Number of Observations:/), `more than ${n} observations`, `${count}`)
  const table = readObservations(file, count)
  return {
    name: title.text,
    difficulty: difficulty.text.toLowerCase() as NistProblem['difficulty'],
    model: readModel(file, declared.line),
    ...parameters,
    residualSum,
    residualDeviation,
    degreesOfFreedom: count - n,
    ...table,
    observationCount: count,
  }
}

function readParameters(
  file: File,
  count: number,
  declaredAt: number,
): Pick<NistProblem, 'starts' | 'certified' | 'deviations'> {
  // Every parameter has a line: a count beyond them is a damaged file, and no reason to ask for memory.
  if (!(count <= file.lines.length))
    throw file.error(declaredAt, `a number of parameters that ${file.lines.length} lines can hold`, `${count}`)
  const columns = [0, 1, 2, 3].map(() => new Float64Array(count))
  let found = 0
  for (let line = declaredAt; line < file.lines.length; line++) {
    const row = /^\s*b(\d+)\s*=\s*(\S.*)$/.exec(file.lines[line])
    if (!row) continue
    if (Number(row[1]) !== found + 1 || found === count)
      throw file.error(line, found < count ? `parameter b${found + 1}` : `${count} parameters in all`, `b${row[1]}`)
    const words = row[2].trim().split(/\s+/)
    if (words.length !== 4)
      throw file.error(
        line,
        '4 numbers (start 1, start 2, certified value, standard deviation)',
        `${words.length}: ${row[2]}`,
      )
    for (let k = 0; k < 4; k++) columns[k][found] = file.number(words[k], line)
    found++
  }
  if (found !== count) throw file.error(declaredAt, `${count} lines "bi = …" below`, `${found}`)
  return { starts: [columns[0], columns[1]], certified: columns[2], deviations: columns[3] }
}

/** The lines between "n Parameters" and the table of starts, e.g. 'y = b1*x**b2 + e'. */
function readModel(file: File, declaredAt: number): string {
  const from = declaredAt + 1
  let to = from
  while (to < file.lines.length && !/Starting values/i.test(file.lines[to])) to++
  return file.lines.slice(from, to).join(' ').trim().replace(/\s+/g, ' ')
}

function readObservations(file: File, count: number): Pick<NistProblem, 'columns' | 'observations'> {
  // The word "Data:" stands twice: in the description ("Data: 1 Response …") and above the table ("Data: y x").
  let header = file.lines.length - 1
  while (header >= 0 && !/^Data:\s*[a-z]/i.test(file.lines[header])) header--
  if (header < 0) throw file.error(-1, 'a table of observations under "Data:"', 'none')
  const columns = file.lines[header].slice(5).trim().split(/\s+/)
  if (columns.length < 2) throw file.error(header, 'names of the response and its predictors', file.lines[header])
  if (!(count <= file.lines.length))
    throw file.error(
      file.find(/^Number of Observations:/),
      `a number of observations that ${file.lines.length} lines can hold`,
      `${count}`,
    )
  const observations = new Float64Array(count * columns.length)
  let row = 0
  for (let line = header + 1; line < file.lines.length; line++) {
    const words = file.lines[line].trim().split(/\s+/)
    if (words.length === 1 && words[0] === '') continue
    if (words.length !== columns.length)
      throw file.error(line, `${columns.length} numbers (${columns.join(', ')})`, `${words.length}`)
    if (row === count) throw file.error(line, `${count} observations in all`, 'another one')
    for (let k = 0; k < columns.length; k++) observations[row * columns.length + k] = file.number(words[k], line)
    row++
  }
  if (row !== count) throw file.error(file.lines.length - 1, `${count} observations`, `${row}`)
  return { columns, observations }
}

/** The file's lines, 0-based here and 1-based in messages. */
class File {
  readonly lines: string[]
  private readonly name: string

  constructor(text: string, name: string) {
    this.lines = text.split(/\r\n|\n|\r/)
    this.name = name
  }

  error(line: number, expected: string, found: string): InputError {
    return new InputError(this.name, line + 1, clipped(expected), clipped(found))
  }

  find(pattern: RegExp): number {
    return this.lines.findIndex((line) => pattern.test(line))
  }

  match(pattern: RegExp, expected: string): { text: string; line: number } {
    const line = this.find(pattern)
    if (line < 0) throw this.error(-1, expected, 'none')
    return { text: pattern.exec(this.lines[line])![1], line }
  }

  /** The positive number behind "label:". */
  positive(label: string): number {
    const { text, line } = this.match(new RegExp(`^${label}:\\s*(\\S*)`), `a line "${label}:"`)
    const value = this.number(text, line)
    if (!(value > 0)) throw this.error(line, `a positive number for "${label}"`, text)
    if (!/^Residual/.test(label) && !Number.isInteger(value))
      throw this.error(line, `a whole number for "${label}"`, text)
    if (value > 1e6 && !/^Residual/.test(label)) throw this.error(line, `at most a million for "${label}"`, text)
    return value
  }

  number(word: string, line: number): number {
    const value = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(word) ? Number(word) : Number.NaN
    if (!Number.isFinite(value)) throw this.error(line, 'a finite number', `'${word}'`)
    return value
  }
}

/** A text as messages hold it: damaged files have lines of any length. */
function clipped(text: string): string {
  return text.length > 120 ? `${text.slice(0, 117)}…` : text
}
