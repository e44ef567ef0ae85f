/** Bundles the command line app with its libraries into dist/cli/, so that the published package depends on nothing. */
import { chmodSync, copyFileSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { compile } from './compile.mjs'
import { root } from './shell.mjs'

/** Files of packages that the app reads at run time (apps/cli/src/plot/png.ts): copied beside the bundle. */
const assets = [
  '@resvg/resvg-wasm/index_bg.wasm',
  'dejavu-fonts-ttf/ttf/DejaVuSans.ttf',
  'dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf',
]

/** @param out the folder `cli` of the built library */
export async function bundleCli(out) {
  await compile(join(root, 'apps', 'cli', 'src', 'main.ts'), out, 'homeward.js', '..')
  chmodSync(join(out, 'homeward.js'), 0o755)
  const require = createRequire(join(root, 'apps', 'cli', 'package.json'))
  mkdirSync(join(out, 'assets'), { recursive: true })
  for (const asset of assets) copyFileSync(require.resolve(asset), join(out, 'assets', basename(asset)))
}
