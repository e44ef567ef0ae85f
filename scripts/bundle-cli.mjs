/** Bundles the command line app with its libraries into dist/cli/, so that the published package depends on nothing. */
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
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
  const modules = await compile(join(root, 'apps', 'cli', 'src', 'main.ts'), out, 'homeward.js', '..')
  chmodSync(join(out, 'homeward.js'), 0o755)
  const require = createRequire(join(root, 'apps', 'cli', 'package.json'))
  mkdirSync(join(out, 'assets'), { recursive: true })
  const files = assets.map((asset) => require.resolve(asset))
  for (const file of files) copyFileSync(file, join(out, 'assets', basename(file)))
  writeFileSync(join(out, 'THIRD-PARTY.txt'), notices([...modules, ...files]))
}

/** Whose work is in the bundle, with their licences, as those ask for. */
function notices(files) {
  const packages = new Map()
  for (const file of files) {
    // The package's folder: the last node_modules, then a name with or without a scope.
    const folder = /^.*node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(file)?.[0]
    if (folder && !packages.has(folder)) packages.set(folder, noticeOf(folder))
  }
  const rule = `\n${'-'.repeat(80)}\n\n`
  return `The homeward command contains these packages.\n${rule}${[...packages.values()].sort().join(rule)}`
}

function noticeOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const texts = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
  const text = texts.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n')
  return `${name} ${version} (${license ?? 'see below'})\n\n${text || 'The package carries no licence text of its own.'}\n`
}
