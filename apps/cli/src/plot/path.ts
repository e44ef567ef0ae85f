/**
 * SVG path text, kept short: a hundredth of the picture's size would do, so coordinates are tenths of a pixel, written
 * relative to the last point. Ten thousand segments take some 150 kB.
 */
export class PathText {
  private readonly parts: string[] = []
  private x = Number.NaN
  private y = Number.NaN

  get empty(): boolean {
    return this.parts.length === 0
  }

  /** A segment, joined to the last one where that ended here. Coordinates in pixels. */
  segment(x0: number, y0: number, x1: number, y1: number): void {
    this.move(x0, y0)
    this.line(x1, y1)
  }

  /** A closed outline through points (x, y pairs). */
  outline(points: ArrayLike<number>): void {
    this.move(points[0]!, points[1]!)
    for (let i = 2; i < points.length; i += 2) this.line(points[i]!, points[i + 1]!)
    this.parts.push('z')
    this.x = Number.NaN
  }

  /** A dot: a line of no length, for strokes with round ends. */
  dot(x: number, y: number): void {
    this.move(x, y)
    this.parts.push('h0')
  }

  toString(): string {
    return this.parts.join('')
  }

  private move(x: number, y: number): void {
    const tx = Math.round(10 * x)
    const ty = Math.round(10 * y)
    if (tx === this.x && ty === this.y) return
    if (Number.isNaN(this.x)) this.parts.push(`M${tx / 10} ${ty / 10}`)
    else this.parts.push(`m${pair(tx - this.x, ty - this.y)}`)
    this.x = tx
    this.y = ty
  }

  private line(x: number, y: number): void {
    const tx = Math.round(10 * x)
    const ty = Math.round(10 * y)
    this.parts.push(`l${pair(tx - this.x, ty - this.y)}`)
    this.x = tx
    this.y = ty
  }
}

/** Two tenths as text; a minus sign separates as well as a blank. */
function pair(dx: number, dy: number): string {
  const second = String(dy / 10)
  return `${dx / 10}${second.startsWith('-') ? '' : ' '}${second}`
}

/** Text inside XML. */
export function escapeXml(text: string): string {
  return (
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: XML forbids them, file names may hold them
      .replace(/[\u0000-\u001f]/g, '\ufffd')
  )
}
