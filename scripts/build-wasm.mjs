/**
 * `node scripts/build-wasm.mjs`: every kernel of src (`*.as.ts`, AssemblyScript) into one WebAssembly module, as text in
 * src/backend/wasm/generated/kernels.ts, so that the library stays plain modules in Node and in a browser. The file is not
 * kept in git; it is made when it is missing or its sources have changed.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const target = join(root, 'src', 'backend', 'wasm', 'generated', 'kernels.ts')
const asc = join(root, 'node_modules', 'assemblyscript', 'bin', 'asc.js')

/**
 * SIMD on, memory from outside, and no runtime: kernels allocate nothing. The module's own data begin at 1024; below it no
 * address is used, which lets the compiler put constant offsets into loads and stores.
 */
const flags = '-O3 --enable simd --runtime stub --importMemory --noAssert --use abort='.split(' ')

/** Makes the file if it is not up to date; returns an exit code. Safe beside another run of itself. */
export function buildWasm() {
  const kernels = sources()
  const print = fingerprint(kernels)
  if (existsSync(target) && readFileSync(target, 'utf8').includes(print)) return 0
  mkdirSync(dirname(target), { recursive: true })
  const work = mkdtempSync(join(dirname(target), 'build-'))
  try {
    const wasm = join(work, 'kernels.wasm')
    const { status } = spawnSync(process.execPath, [asc, ...entries(kernels), ...flags, '-o', wasm], {
      cwd: root,
      stdio: 'inherit',
    })
    if (status !== 0) return status ?? 1
    writeFileSync(join(work, 'kernels.ts'), moduleText(readFileSync(wasm), print))
    renameSync(join(work, 'kernels.ts'), target)
    return 0
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** What vitest runs before the tests. Kernels that do not compile yet stop nobody who has older ones; `npm test` they stop. */
export function setup() {
  if (buildWasm() === 0) return
  const again = 'the WebAssembly kernels do not compile: node scripts/build-wasm.mjs'
  if (!existsSync(target)) throw new Error(again)
  console.error(`${again}; the tests run the kernels as they were last built`)
}

function sources() {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.as.ts'))
    .map((path) => join(root, 'src', path))
    .sort()
}

/** What the module exports is what the files export that no other file imports. */
function entries(kernels) {
  const imported = new Set()
  for (const kernel of kernels)
    for (const [, specifier] of readFileSync(kernel, 'utf8').matchAll(/from '(.*)'/g))
      imported.add(`${resolve(dirname(kernel), specifier)}.ts`)
  return kernels.filter((kernel) => !imported.has(kernel)).map((kernel) => relative(root, kernel))
}

function fingerprint(kernels) {
  const hash = createHash('sha256')
  for (const file of [fileURLToPath(import.meta.url), join(dirname(asc), '..', 'package.json'), ...kernels])
    hash.update(readFileSync(file))
  return hash.digest('hex')
}

function moduleText(wasm, print) {
  const lines = wasm.toString('base64').match(/.{1,116}/g)
  return `/** Made by scripts/build-wasm.mjs; sources ${print} */
export const kernelModule: string = \`
${lines.join('\n')}
\`
`
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) process.exitCode = buildWasm()
