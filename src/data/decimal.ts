/** The shortest decimal text that reads back as exactly this number. */
export function decimal(x: number): string {
  return Object.is(x, -0) ? '-0' : String(x)
}
