/**
 * Colours of residuals: from a calm blue over violet to a dark red, lightness falling evenly, so that the order survives
 * grey printing and colour blindness. Interpolated in OKLCH (B. Ottosson, "A perceptual color space for image
 * processing", 2020), where equal steps look equal.
 */

/** Background and text colours of all pictures. */
export const ink = {
  paper: '#ffffff',
  panel: '#fafbfc',
  frame: '#dfe3e8',
  text: '#1d2430',
  quiet: '#69727f',
  trajectory: '#3b4a5f',
  landmark: '#3f8f5f',
  before: '#a3acb8',
  after: '#2f5d9b',
} as const

/** The colour of t in [0, 1] as '#rrggbb'. */
export function residualColour(t: number): string {
  const clamped = Math.min(1, Math.max(0, t))
  const lightness = 0.84 - 0.46 * clamped
  const chroma = 0.075 + 0.13 * Math.sqrt(clamped) - 0.01 * clamped
  const hue = 235 + 150 * clamped ** 0.9
  return oklch(lightness, chroma, hue)
}

/** A colour of lightness L, chroma C and hue in degrees; outside sRGB the chroma gives way. */
function oklch(lightness: number, chroma: number, hueDegrees: number): string {
  const hue = (hueDegrees * Math.PI) / 180
  for (let c = chroma; ; c -= 0.005) {
    const rgb = linearRgb(lightness, c * Math.cos(hue), c * Math.sin(hue))
    if (c <= 0 || rgb.every((channel) => channel >= -0.001 && channel <= 1.001))
      return `#${rgb.map((channel) => hex(gamma(channel))).join('')}`
  }
}

/** OKLab → linear sRGB, with Ottosson's two matrices. */
function linearRgb(L: number, a: number, b: number): [number, number, number] {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ]
}

/** IEC 61966-2-1, the sRGB transfer curve. */
function gamma(linear: number): number {
  const c = Math.min(1, Math.max(0, linear))
  return c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055
}

function hex(channel: number): string {
  return Math.round(255 * channel)
    .toString(16)
    .padStart(2, '0')
}
