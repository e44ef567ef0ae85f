/** `npm run fuzz`: builds the library and runs test/fuzz/ against it; see test/fuzz/main.ts for the arguments. */
import { join } from 'node:path'
import { ensureInstalled, node, root } from './shell.mjs'

ensureInstalled()
if (node('tsc', ['-p', 'tsconfig.build.json']) !== 0) process.exit(1)
const { compile } = await import('./compile.mjs')
const out = join(root, 'out', 'run')
for (const [entry, name] of [
  ['worker.ts', 'fuzz-worker.js'],
  ['main.ts', 'fuzz.js'],
])
  await compile(join(root, 'test', 'fuzz', entry), out, name)
process.exitCode = node(join('out', 'run', 'fuzz.js'), process.argv.slice(2))
