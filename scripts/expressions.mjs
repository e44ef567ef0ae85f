/** `node scripts/expressions.mjs`: writes the kernels of factors that scripts/expressions describes. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { runnerImport } from 'vite'
import { root } from './shell.mjs'

const { module } = await runnerImport(join(root, 'scripts', 'expressions', 'files.ts'))
for (const { path, text } of module.files()) {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
