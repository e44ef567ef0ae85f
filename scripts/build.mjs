/**
 * `npm run build`: src/ with tsc, then the command line app, into dist/. Built beside and then moved, so that whoever uses
 * dist/ meanwhile sees the old library or the new one.
 */
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensureInstalled, node, root } from './shell.mjs'

ensureInstalled()
const dist = join(root, 'dist')
const next = join(root, 'out', `build-${process.pid}`)
mkdirSync(next, { recursive: true })
try {
  if (node('tsc', ['-p', 'tsconfig.build.json', '--outDir', next]) !== 0) process.exit(1)
  const { bundleCli } = await import('./bundle-cli.mjs')
  await bundleCli(join(next, 'cli'))
  rmSync(dist, { recursive: true, force: true })
  renameSync(next, dist)
} finally {
  rmSync(next, { recursive: true, force: true })
}
