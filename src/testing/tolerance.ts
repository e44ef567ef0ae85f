/**
 * The one home of comparisons up to rounding: two results of the same mathematics agree when they differ by at most
 * k · eps · scale. `scale` is the size of the largest number that was added up on the way, `eps` belongs to the format, and
 * k counts roundings: the caller says why it is what it is.
 */
export interface Tolerance {
  /** How many roundings of the largest number may pile up. */
  readonly k: number
  /** Size of the numbers. Default: the largest magnitude in `expected`, or 1 when that is smaller. */
  readonly scale?: number
  /** Unit of rounding. Default: fp64's, 2⁻⁵². */
  readonly eps?: number
}

/** The largest difference that passes: k · eps · scale. */
export function allowance(expected: number | ArrayLike<number>, { k, scale, eps = Number.EPSILON }: Tolerance): number {
  return k * eps * (scale ?? Math.max(1, largest(expected)))
}

/** Whether two numbers, or two lists of numbers, agree. NaN agrees with nothing; lists of two lengths do not agree. */
export function agrees(
  actual: number | ArrayLike<number>,
  expected: number | ArrayLike<number>,
  tolerance: Tolerance,
): boolean {
  return disagreement(actual, expected, tolerance) === null
}

/**
 * As {@link agrees}, for tests of any framework.
 * @throws Error with both numbers, their place, the difference and what would have passed
 */
export function assertAgrees(
  actual: number | ArrayLike<number>,
  expected: number | ArrayLike<number>,
  tolerance: Tolerance,
  what = 'numbers',
): void {
  const problem = disagreement(actual, expected, tolerance)
  if (problem) throw new Error(`${what}: ${problem}`)
}

/** The largest magnitude in a list; NaN when it holds one, 0 when it is empty. */
export function largest(values: number | ArrayLike<number>): number {
  const list = listOf(values)
  let most = 0
  for (let i = 0; i < list.length; i++) most = Math.max(most, Math.abs(list[i]))
  return most
}

/** The largest difference between two lists of one length; equal infinities do not differ. NaN when one holds NaN. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let most = 0
  for (let i = 0; i < a.length; i++) most = Math.max(most, difference(a[i], b[i]))
  return most
}

function disagreement(
  actual: number | ArrayLike<number>,
  expected: number | ArrayLike<number>,
  tolerance: Tolerance,
): string | null {
  const a = listOf(actual)
  const b = listOf(expected)
  if (a.length !== b.length) return `expected ${b.length} numbers, got ${a.length}`
  const allowed = allowance(expected, tolerance)
  for (let i = 0; i < a.length; i++) {
    const off = difference(a[i], b[i])
    if (off === 0 || (off <= allowed && off < Number.POSITIVE_INFINITY)) continue
    return `expected [${i}] = ${b[i]}, got ${a[i]}: they differ by ${off}, ${tolerance.k} roundings allow ${allowed}`
  }
  return null
}

function difference(a: number, b: number): number {
  return a === b ? 0 : Math.abs(a - b)
}

function listOf(values: number | ArrayLike<number>): ArrayLike<number> {
  return typeof values === 'number' ? [values] : values
}
