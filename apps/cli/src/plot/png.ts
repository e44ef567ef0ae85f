import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { initWasm, Resvg } from '@resvg/resvg-wasm'

/** What the rasterizer reads at run time; the bundle carries copies in `assets/` beside its modules. */
export const assets = [
  '@resvg/resvg-wasm/index_bg.wasm',
  'dejavu-fonts-ttf/ttf/DejaVuSans.ttf',
  'dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf',
] as const

let ready: Promise<Uint8Array[]> | null = null

/** Draws an SVG at `width` pixels; returns the bytes of a PNG file. */
export async function toPng(svg: string, width: number): Promise<Uint8Array> {
  ready ??= load()
  const resvg = new Resvg(svg, {
    fitTo: { mode: 'width', value: width },
    background: '#ffffff',
    font: { fontBuffers: await ready, defaultFontFamily: 'DejaVu Sans', sansSerifFamily: 'DejaVu Sans' },
  })
  const image = resvg.render()
  const png = image.asPng()
  image.free()
  resvg.free()
  return png
}

async function load(): Promise<Uint8Array[]> {
  const [wasm, ...fonts] = await Promise.all(assets.map((asset) => readFile(locate(asset))))
  await initWasm(wasm!)
  return fonts
}

/** Beside the bundle, or in the package it comes from when the app runs from its sources. */
function locate(asset: string): string {
  const beside = fileURLToPath(new URL(`./assets/${basename(asset)}`, import.meta.url))
  return existsSync(beside) ? beside : createRequire(import.meta.url).resolve(asset)
}
