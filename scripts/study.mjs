/**
 * `npm run study -- NAME [arguments]`: builds the library and runs bench/studies/NAME.ts, which writes its tables into
 * bench/studies/results/. Without a name it lists the studies, each with the first sentence of its file.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureInstalled, node, root } from './shell.mjs'

const folder = join(root, 'bench', 'studies')
const [name, ...args] = process.argv.slice(2)
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .map((file) => file.slice(0, -'.ts'.length))

if (!name) {
  console.log('usage: npm run study -- NAME [arguments]')
  for (const study of names) console.log(`  ${study.padEnd(10)} ${firstSentence(study)}`)
} else if (!names.includes(name) || !existsSync(join(folder, `${name}.ts`))) {
  console.error(`no study '${name}'; there are: ${names.join(', ')}`)
  process.exitCode = 2
} else {
  ensureInstalled()
  if (node('scripts/build.mjs') !== 0) process.exit(1)
  process.exitCode = node('scripts/run.mjs', [join(folder, `${name}.ts`), ...args])
}

/** What a study asks: the first sentence after the command in the comment at its top. */
function firstSentence(study) {
  const text = readFileSync(join(folder, `${study}.ts`), 'utf8')
  const comment = /\/\*([\s\S]*?)\*\//.exec(text)?.[1] ?? ''
  const words = comment
    .replace(/\n\s*\*/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return /`:\s*(.*?\.)(\s|$)/.exec(words)?.[1] ?? words
}
