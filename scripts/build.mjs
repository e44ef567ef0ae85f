/** `npm run build`: src/ to dist/ with tsc, then the command line app into dist/cli/. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensureInstalled, node, root } from './shell.mjs'

ensureInstalled()
rmSync(join(root, 'dist'), { recursive: true, force: true })
if (node('tsc', ['-p', 'tsconfig.build.json']) !== 0) process.exit(1)
const { bundleCli } = await import('./bundle-cli.mjs')
await bundleCli()
