/** `npm run bench [-- options]`: builds the library and measures it; see bench/README.md. */
import { join } from 'node:path'
import { ensureInstalled, node, root } from './shell.mjs'

ensureInstalled()
if (node('scripts/build.mjs') !== 0) process.exit(1)
process.exitCode = node('scripts/run.mjs', [join(root, 'bench', 'main.ts'), ...process.argv.slice(2)])
