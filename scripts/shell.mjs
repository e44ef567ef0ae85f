/**
 * What the scripts share: paths, running a command, installing when it is needed. Plain Node, because these run on a bare
 * clone, before anything is installed.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Tools by the file that Node runs: no shell, and the same on every platform. */
const tools = {
  tsc: 'node_modules/@typescript/native/bin/tsc',
  biome: 'node_modules/@biomejs/biome/bin/biome',
  vitest: 'node_modules/vitest/vitest.mjs',
  knip: 'node_modules/knip/bin/knip.js',
  typedoc: 'node_modules/typedoc/bin/typedoc',
}

/** Runs a program with its output on this terminal; returns its exit code. */
export function run(program, args, options = {}) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit', ...options })
  if (error) console.error(`cannot run ${program}: ${error.message}`)
  return status ?? 1
}

/** Runs one of the project's tools, or a script, with this Node. */
export function node(tool, args = [], options = {}) {
  return run(process.execPath, [join(root, tools[tool] ?? tool), ...args], options)
}

/** Names a step, runs it, says the line to run again when it fails. */
export function step(name, again, action) {
  const started = performance.now()
  console.log(`── ${name}`)
  const code = action()
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(code === 0 ? `   ${name}: ok, ${seconds} s` : `   ${name}: FAILED, ${seconds} s; run again: ${again}`)
  return code === 0
}

/** Runs `npm ci` when there is no installation, or one older than the lock file; makes the kernels that src imports. */
export function ensureInstalled() {
  requireNode(20, 19)
  if (installationIsStale()) install()
  const code = node('scripts/build-wasm.mjs')
  if (code !== 0) process.exit(code)
}

function install() {
  console.log('── install (npm ci)')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const shell = process.platform === 'win32'
  const code = run(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { shell })
  if (code !== 0) {
    console.error('npm ci failed: see above. Is the network, or a package registry, within reach?')
    process.exit(code)
  }
}

function installationIsStale() {
  const installed = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(installed)) return true
  // A checkout gives every file the time of the checkout, so only a lock file that is clearly newer counts.
  return statSync(join(root, 'package-lock.json')).mtimeMs > statSync(installed).mtimeMs + 1000
}

function requireNode(major, minor) {
  const [haveMajor, haveMinor] = process.versions.node.split('.').map(Number)
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) return
  console.error(`Homeward needs Node ${major}.${minor} or newer; this is ${process.versions.node}`)
  process.exit(2)
}
