import { type SpawnSyncOptions, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'

/** The repository. */
export const root: string = join(import.meta.dirname, '..')

/** The built command. */
export const cli: string = join(root, 'dist', 'cli', 'homeward.js')

if (!existsSync(cli)) throw new Error('these tests run what is built: run `npm run build` first')
const built = statSync(cli).mtimeMs
for (const folder of ['src', 'apps/cli/src'])
  for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }))
    if (/(?<!\.test)\.ts$/.test(name) && statSync(join(root, folder, name)).mtimeMs > built)
      console.warn(`${folder}/${name} is newer than dist/, which these tests run: npm run build`)

export interface Outcome {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end, without npm's own variables, which would leak from `npm test` into a nested npm. */
export function run(program: string, args: readonly string[], options: SpawnSyncOptions = {}): Outcome {
  const env: NodeJS.ProcessEnv = { NO_COLOR: '1' }
  for (const [name, value] of Object.entries(process.env))
    if (!/^(npm_|NODE_OPTIONS|NODE_ENV|VITEST|FORCE_COLOR|HOMEWARD_DEBUG)/i.test(name)) env[name] = value
  const { status, signal, stdout, stderr } = spawnSync(program, args, {
    env,
    maxBuffer: 1 << 26,
    timeout: 120_000,
    ...options,
    encoding: 'utf8',
  })
  return { code: status, signal, stdout, stderr }
}

/** `homeward …` as a child process. */
export function homeward(args: readonly string[], options: SpawnSyncOptions = {}): Outcome {
  return run(process.execPath, [cli, ...args], options)
}

/** As {@link homeward}, for a run that must succeed: throws what it printed when its exit code is another. */
export function homewardOk(args: readonly string[], options: SpawnSyncOptions & { code?: number } = {}): Outcome {
  const outcome = homeward(args, options)
  if (outcome.code !== (options.code ?? 0))
    throw new Error(`homeward ${args.join(' ')}: exit code ${outcome.code}\n${outcome.stdout}${outcome.stderr}`)
  return outcome
}

/**
 * Turns a TypeScript program into JavaScript inside the repository's out/ folder, where `homeward` resolves to the built
 * package as it does for a user. Returns the path of the program.
 */
export function transpile(text: string, name: string): string {
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
  })
  const path = join(root, 'out', name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, outputText)
  return path
}
