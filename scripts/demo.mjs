/**
 * `npm run demo`: on a bare clone, installs and builds, makes a problem with our own generator, optimizes it, prints the
 * report and writes a picture. `npm run demo -- FILE` does it on that file; further options go to `homeward optimize`.
 */
import { mkdirSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'
import { ensureInstalled, node, root, step } from './shell.mjs'

const out = join('out', 'demo')
const [first, ...others] = process.argv.slice(2)
const given = first !== undefined && !first.startsWith('-')
// npm runs scripts in the project's folder; a path is meant from where the person stands.
const input = given ? relative(root, resolve(process.env['INIT_CWD'] ?? process.cwd(), first)) : join(out, 'sphere.g2o')
const options = given ? others : process.argv.slice(2)

ensureInstalled()
if (!step('build', 'npm run build', () => node('scripts/build.mjs'))) process.exit(1)
mkdirSync(join(root, out), { recursive: true })
const name = join(out, basename(input).replace(/\..*$/, ''))
let code = 0
if (!given) code = homeward('generate', 'sphere', '--seed', '1', '--out', input)
if (code === 0)
  code = homeward('optimize', input, '--out', `${name}-optimized`, '--plot', `${name}-optimized.png`, ...options)
process.exitCode = code

/** Runs the built command and shows its line, as a person would type it. */
function homeward(...args) {
  console.log(`\n$ npx homeward ${args.join(' ')}`)
  return node('dist/cli/homeward.js', args)
}
