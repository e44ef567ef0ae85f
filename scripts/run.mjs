/** `node scripts/run.mjs FILE.ts [arguments]`: compiles a TypeScript program of this repository and runs it on dist/. */
import { basename, join, resolve } from 'node:path'
import { ensureInstalled, node, root } from './shell.mjs'

const [file, ...args] = process.argv.slice(2)
if (!file) {
  console.error('usage: node scripts/run.mjs FILE.ts [arguments]')
  process.exit(2)
}
ensureInstalled()
const { compile } = await import('./compile.mjs')
const name = `${basename(file, '.ts')}.js`
await compile(resolve(file), join(root, 'out', 'run'), name)
process.exitCode = node(join('out', 'run', name), args, { cwd: process.cwd() })
