/** A rectangle of the picture: pixels, y down. */
export interface Place {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The part of a segment within a place, as the range of t in [0, 1], or null (Y.-D. Liang and B. Barsky, 1984). */
export function clip(place: Place, x0: number, y0: number, x1: number, y1: number): [number, number] | null {
  if (!Number.isFinite(x0 + y0 + x1 + y1)) return null
  let from = 0
  let to = 1
  const [dx, dy] = [x1 - x0, y1 - y0]
  for (const [step, room] of [
    [-dx, x0 - place.x],
    [dx, place.x + place.width - x0],
    [-dy, y0 - place.y],
    [dy, place.y + place.height - y0],
  ] as const) {
    if (step === 0 && room < 0) return null
    if (step < 0) from = Math.max(from, room / step)
    else if (step > 0) to = Math.min(to, room / step)
  }
  return from <= to ? [from, to] : null
}

/**
 * SVG path text, kept short: a hundredth of the picture's size would do, so coordinates are tenths of a pixel, written
 * relative to the last point; ten thousand segments take some 150 kB. What lies outside the place is left out: far
 * coordinates are no service to renderers.
 */
export class PathText {
  private readonly parts: string[] = []
  private x = Number.NaN
  private y = Number.NaN

  private readonly place: Place

  constructor(place: Place) {
    this.place = place
  }

  get empty(): boolean {
    return this.parts.length === 0
  }

  /** A segment, joined to the last one where that ended here. Coordinates in pixels. */
  segment(x0: number, y0: number, x1: number, y1: number): void {
    const part = clip(this.place, x0, y0, x1, y1)
    if (!part) return
    const [from, to] = part
    this.move(x0 + from * (x1 - x0), y0 + from * (y1 - y0))
    this.line(x0 + to * (x1 - x0), y0 + to * (y1 - y0))
  }

  /** A closed outline through points (x, y pairs), when it lies within the place. */
  outline(points: ArrayLike<number>): void {
    for (let i = 0; i < points.length; i += 2) if (!this.holds(points[i], points[i + 1])) return
    this.move(points[0], points[1])
    for (let i = 2; i < points.length; i += 2) this.line(points[i], points[i + 1])
    this.parts.push('z')
    this.x = Number.NaN
  }

  /** A dot: a line of no length, for strokes with round ends. */
  dot(x: number, y: number): void {
    if (!this.holds(x, y)) return
    this.move(x, y)
    this.parts.push('h0')
  }

  toString(): string {
    return this.parts.join('')
  }

  private holds(x: number, y: number): boolean {
    const { place } = this
    return x >= place.x && x <= place.x + place.width && y >= place.y && y <= place.y + place.height
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
