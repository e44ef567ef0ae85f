import type { Home } from '../home.ts'
import { type Door, halfWall, type Room, type RoomKind } from './floor-plan.ts'
import { clearanceAt } from './free-space.ts'
import type { Furniture } from './furnish.ts'

export interface HomeSvgOptions {
  /** Pixels per metre. Default 80. */
  readonly scale?: number
  /** Where a robot went: pairs (x, y), metres, at equal intervals of time. */
  readonly path?: ArrayLike<number>
  /** Further paths, drawn thin in their colours: estimates beside the truth. */
  readonly others?: readonly { readonly path: ArrayLike<number>; readonly colour: string; readonly name: string }[]
  /** Whether landmarks are drawn as dots. Default false. */
  readonly landmarks?: boolean
  /** Above the plan. Default: 'Home' and its seed. */
  readonly title?: string
}

const colour = {
  paper: '#ffffff',
  wall: '#39424e',
  text: '#2b323c',
  quiet: '#7b8592',
  line: '#8d97a5',
  piece: '#ffffff',
  twin: '#b4637a',
  landmark: '#39424e',
  start: '#1b9e77',
  end: '#d1495b',
} as const

const floors: Record<RoomKind, string> = {
  corridor: '#f1efe9',
  living: '#f8ecd8',
  bedroom: '#e4eaf6',
  kitchen: '#e6f1e4',
  bath: '#dcf0f2',
  study: '#efe7f4',
  nursery: '#fbe6e6',
  dining: '#f6f0d9',
  laundry: '#e3eef0',
}

/** Early to late, violet over blue and green to yellow: even in lightness steps, so that the order is seen. */
const hours = ['#443a83', '#31688e', '#21908c', '#35a863', '#8fc13f', '#e3b505'] as const

const r2 = (x: number): string => String(Math.round(100 * x) / 100)

/** The floor plan as an SVG picture: rooms, doors, furniture, and where a robot went, from violet (first) to yellow (last). */
export function homeSvg(home: Home, options: HomeSvgOptions = {}): string {
  const { scale = 80, path, others = [], title = `Home ${home.seed}` } = options
  const [x0, y0, x1, y1] = home.bounds
  const [left, top, bottom] = [0.35, 0.95, 0.75]
  const width = Math.max((x1 - x0 + 2 * left) * scale, 4.2 * scale)
  const height = (y1 - y0 + top + bottom) * scale
  const place: Place = {
    scale,
    x: (x) => (x - x0 + left) * scale,
    y: (y) => (y1 - y + top) * scale,
  }
  const area = home.rooms.reduce((sum, { size }) => sum + size[0] * size[1], 0)
  const about = `${home.rooms.length} rooms · ${Math.round(area)} m² · ${thousands(home.landmarks.count)} landmarks`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${r2(width)}" height="${r2(height)}" viewBox="0 0 ${r2(width)} ${r2(height)}" font-family="DejaVu Sans, Helvetica, sans-serif">`,
    `<rect width="100%" height="100%" fill="${colour.paper}"/>`,
    text(left * scale + 4, 0.42 * scale, 0.24 * scale, colour.text, title, 'start', ' font-weight="bold"'),
    text(left * scale + 4, 0.7 * scale, 0.15 * scale, colour.quiet, about, 'start'),
    ...home.rooms.map((room) => floor(room, place)),
    ...home.doors.map((door) => threshold(door, home, place)),
    ...home.furniture.flatMap((piece) => furniture(piece, place)),
    ...walls(home, place),
    ...home.doors.filter(({ open }) => !open).map((door) => leaf(door, home, place)),
    ...(options.landmarks ? landmarks(home, place) : []),
    ...others.map(({ path: other, colour: ink }) => line(other, place, ink, 0.018 * scale)),
    ...(path ? trail(path, place) : []),
    ...home.rooms.map((room) => label(room, home, place)),
    scaleBar(left * scale + 4, height - 0.32 * scale, scale),
    ...legend(others, left * scale + 2.4 * scale, height - 0.32 * scale, scale),
    '</svg>',
  ].join('\n')
}

/** 12345 as 12,345. */
const thousands = (n: number): string => String(n).replace(/(\d)(?=(\d{3})+$)/g, '$1,')

interface Place {
  readonly scale: number
  x(x: number): number
  y(y: number): number
}

function rectangle(x0: number, y0: number, x1: number, y1: number, { x, y }: Place, rest: string): string {
  return `<rect x="${r2(x(x0))}" y="${r2(y(y1))}" width="${r2(x(x1) - x(x0))}" height="${r2(y(y0) - y(y1))}" ${rest}/>`
}

function text(x: number, y: number, size: number, fill: string, words: string, anchor = 'middle', rest = ''): string {
  const safe = words.replace(/&/g, '&amp;').replace(/</g, '&lt;')
  return `<text x="${r2(x)}" y="${r2(y)}" font-size="${r2(size)}" fill="${fill}" text-anchor="${anchor}"${rest}>${safe}</text>`
}

function floor({ rectangle: [x0, y0, x1, y1], kind }: Room, place: Place): string {
  return rectangle(x0, y0, x1, y1, place, `fill="${floors[kind]}"`)
}

/** The floor of an opening takes the colour of the second room, so that no line crosses it. */
function threshold({ x, y, along, width, rooms }: Door, home: Home, place: Place): string {
  const [dx, dy] = along === 'x' ? [width / 2, halfWall] : [halfWall, width / 2]
  return rectangle(x - dx, y - dy, x + dx, y + dy, place, `fill="${floors[home.rooms[rooms[1]].kind]}"`)
}

function walls({ solids, walls: count, height }: Home, place: Place): string[] {
  const pieces: string[] = []
  for (let b = 0; b < 6 * count; b += 6) {
    const [x0, y0, z0, x1, y1] = solids.boxes.subarray(b, b + 6)
    if (z0 === 0 && height > 0) pieces.push(rectangle(x0, y0, x1, y1, place, `fill="${colour.wall}"`))
  }
  return pieces
}

/** A quarter circle: the leaf opens into the first room, or for a side door into the second. */
function leaf({ x, y, along, width, rooms }: Door, home: Home, place: Place): string {
  const [x0, y0, x1, y1] = home.rooms[rooms[0]].rectangle
  const [middleX, middleY] = [(x0 + x1) / 2, (y0 + y1) / 2]
  const half = width / 2
  const into = along === 'x' ? Math.sign(middleY - y) : Math.sign(middleX - x)
  // hinge, tip of the open leaf, other side of the frame
  const points =
    along === 'x'
      ? [x - half, y, x - half, y + into * width, x + half, y]
      : [x, y - half, x + into * width, y - half, x, y + half]
  const [hx, hy, tx, ty, ox, oy] = points.map((v, k) => r2(k % 2 === 0 ? place.x(v) : place.y(v)))
  const sweep = (along === 'x') === into > 0 ? 1 : 0
  const radius = r2(width * place.scale)
  const style = `fill="none" stroke="${colour.line}" stroke-width="${r2(0.014 * place.scale)}"`
  return `<path d="M${hx} ${hy}L${tx} ${ty}A${radius} ${radius} 0 0 ${sweep} ${ox} ${oy}" ${style}/>`
}

function furniture({ model, x, y, turns }: Furniture, place: Place): string[] {
  const pen = `stroke="${colour.line}" stroke-width="${r2(0.014 * place.scale)}"`
  const pieces: string[] = []
  const turn = `translate(${r2(place.x(x))} ${r2(place.y(y))}) rotate(${-90 * turns})`
  // From below to above, so that a table lies over its legs.
  const order = Array.from({ length: model.boxes.length / 6 }, (_, b) => 6 * b)
  order.sort((a, b) => model.boxes[a + 5] - model.boxes[b + 5])
  for (const b of order) {
    const [x0, y0, , x1, y1] = model.boxes.slice(b, b + 6)
    const [w, d] = [(x1 - x0) * place.scale, (y1 - y0) * place.scale]
    const round = model.kind === 'plant' ? w / 2 : Math.min(0.05 * place.scale, w / 3, d / 3)
    const fill = model.kind === 'plant' ? '#cfe3c8' : colour.piece
    pieces.push(
      `<rect x="${r2(x0 * place.scale)}" y="${r2(-y1 * place.scale)}" width="${r2(w)}" height="${r2(d)}" rx="${r2(round)}" fill="${fill}" ${pen}/>`,
    )
  }
  pieces.push(...details({ model }, place.scale, pen))
  return [`<g transform="${turn}">`, ...pieces, '</g>']
}

/** What makes a box a bed, a tub or a stove in the eye of a reader of plans. */
function details({ model: { kind, size } }: Pick<Furniture, 'model'>, scale: number, pen: string): string[] {
  const [w, d] = [size[0] * scale, size[1] * scale]
  const box = (x: number, y: number, bw: number, bh: number, rx: number, fill = 'none'): string =>
    `<rect x="${r2(x)}" y="${r2(y)}" width="${r2(bw)}" height="${r2(bh)}" rx="${r2(rx)}" fill="${fill}" ${pen}/>`
  switch (kind) {
    case 'bed': {
      const pillows = size[0] > 1.3 ? [-w * 0.44, w * 0.04] : [-w * 0.3]
      const pillow = size[0] > 1.3 ? w * 0.4 : w * 0.6
      return [
        ...pillows.map((x) => box(x, -0.42 * scale, pillow, 0.3 * scale, 5)),
        box(-w / 2, -d, w, d - 0.6 * scale, 4),
      ]
    }
    case 'tub':
      return [box(-w * 0.44, -d * 0.86, w * 0.88, d * 0.72, d * 0.3)]
    case 'basin':
      return [box(-w * 0.3, -d * 0.85, w * 0.6, d * 0.6, d * 0.3)]
    case 'washing machine':
      return [`<circle cx="0" cy="${r2(-d / 2)}" r="${r2(d * 0.3)}" fill="none" ${pen}/>`]
    case 'wardrobe':
      return [`<path d="M${r2(-w / 2)} ${r2(-d / 2)}H${r2(w / 2)}" fill="none" ${pen}/>`]
    case 'counter': {
      const rings = [-0.3, -0.02].flatMap((x) => [-0.17, -0.44].map((y) => [x - size[0] / 4 + 0.16, y]))
      return rings.map(
        ([x, y]) => `<circle cx="${r2(x * scale)}" cy="${r2(y * scale)}" r="${r2(0.1 * scale)}" fill="none" ${pen}/>`,
      )
    }
    default:
      return []
  }
}

function landmarks({ landmarks: { count, positions } }: Home, place: Place): string[] {
  const dots: string[] = []
  for (let i = 0; i < count; i++)
    dots.push(`M${r2(place.x(positions[3 * i]))} ${r2(place.y(positions[3 * i + 1]))}h.01`)
  const pen = `stroke="${colour.landmark}" stroke-width="${r2(0.02 * place.scale)}" stroke-linecap="round"`
  return [`<path d="${dots.join('')}" ${pen} opacity="0.35"/>`]
}

function label(room: Room, home: Home, place: Place): string {
  const {
    name,
    rectangle: [x0, y0, x1, y1],
    size,
    twin,
    kind,
  } = room
  const { scale } = place
  const long = kind === 'corridor'
  const [atX, atY] = long ? [(x0 + x1) / 2, (y0 + y1) / 2] : roomiest(room, home)
  const [x, y] = [place.x(atX), place.y(atY)]
  const turned = long && y1 - y0 > x1 - x0 ? ` transform="rotate(-90 ${r2(x)} ${r2(y)})"` : ''
  const halo = ` stroke="${floors[kind]}" stroke-width="${r2(0.06 * scale)}" paint-order="stroke" stroke-linejoin="round"`
  const lines = [text(x, long ? y + 0.05 * scale : y, 0.15 * scale, colour.text, name, 'middle', halo + turned)]
  const square = `${(size[0] * size[1]).toFixed(1)} m²`
  if (!long) lines.push(text(x, y + 0.2 * scale, 0.125 * scale, colour.quiet, square, 'middle', halo))
  const other = twin >= 0 ? `like ${home.rooms[twin].name}` : ''
  if (twin >= 0) lines.push(text(x, y + 0.39 * scale, 0.125 * scale, colour.twin, other, 'middle', halo))
  return lines.join('\n')
}

/** Where a name finds room: far from furniture, near the middle. */
function roomiest({ rectangle: [x0, y0, x1, y1] }: Room, { free }: Home): [number, number] {
  const [middleX, middleY] = [(x0 + x1) / 2, (y0 + y1) / 2]
  let best: [number, number] = [middleX, middleY]
  let most = -Infinity
  for (let y = y0 + 0.4; y < y1 - 0.4; y += 0.1)
    for (let x = x0 + 0.5; x < x1 - 0.5; x += 0.1) {
      const off = Math.max(Math.abs(x - middleX), Math.abs(y - middleY))
      const worth = Math.min(clearanceAt(free, x, y), 0.75) - 0.2 * off
      if (worth > most) {
        most = worth
        best = [x, y]
      }
    }
  return best
}

function line(
  path: ArrayLike<number>,
  { x, y }: Place,
  ink: string,
  width: number,
  from = 0,
  to = path.length,
): string {
  const points: string[] = []
  for (let k = from; k < to; k += 2) points.push(`${r2(x(path[k]))} ${r2(y(path[k + 1]))}`)
  const pen = `stroke="${ink}" stroke-width="${r2(width)}" stroke-linejoin="round" stroke-linecap="round"`
  return `<path d="M${points.join('L')}" fill="none" ${pen}/>`
}

function trail(path: ArrayLike<number>, place: Place): string[] {
  const pieces: string[] = []
  const count = path.length / 2
  const shades = 60
  for (let s = 0; s < shades; s++) {
    const from = 2 * Math.floor((s * count) / shades)
    const to = Math.min(path.length, 2 * Math.floor(((s + 1) * count) / shades) + 2)
    if (to - from >= 4) pieces.push(line(path, place, shade((s + 0.5) / shades), 0.035 * place.scale, from, to))
  }
  const dot = (k: number, fill: string): string =>
    `<circle cx="${r2(place.x(path[k]))}" cy="${r2(place.y(path[k + 1]))}" r="${r2(0.085 * place.scale)}" fill="${fill}" stroke="#fff" stroke-width="${r2(0.03 * place.scale)}"/>`
  if (count > 0) pieces.push(dot(0, colour.start), dot(path.length - 2, colour.end))
  return pieces
}

/** Between the hours' colours, channel by channel. */
function shade(t: number): string {
  const at = t * (hours.length - 1)
  const k = Math.min(hours.length - 2, Math.floor(at))
  const channel = (c: string, i: number): number => Number.parseInt(c.slice(1 + 2 * i, 3 + 2 * i), 16)
  const mixed = [0, 1, 2].map((i) => {
    const value = channel(hours[k], i) + (at - k) * (channel(hours[k + 1], i) - channel(hours[k], i))
    return Math.round(value).toString(16).padStart(2, '0')
  })
  return `#${mixed.join('')}`
}

function scaleBar(x: number, y: number, scale: number): string {
  const pen = `stroke="${colour.quiet}" stroke-width="1.5" fill="none"`
  const bar = `<path d="M${r2(x)} ${r2(y - 5)}v5h${r2(scale)}v-5M${r2(x + scale)} ${r2(y)}h${r2(scale)}v-5" ${pen}/>`
  return `${bar}\n${text(x + scale, y + 0.18 * scale, 0.13 * scale, colour.quiet, '2 m')}`
}

function legend(others: NonNullable<HomeSvgOptions['others']>, x: number, y: number, scale: number): string[] {
  return others.flatMap(({ colour: ink, name }, i) => {
    const at = x + i * 2.2 * scale
    const pen = `stroke="${ink}" stroke-width="2.5"`
    return [
      `<path d="M${r2(at)} ${r2(y - 3)}h${r2(0.3 * scale)}" ${pen}/>`,
      text(at + 0.4 * scale, y + 2, 0.13 * scale, colour.quiet, name, 'start'),
    ]
  })
}
