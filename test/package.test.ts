import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root, run } from './built.ts'

/*
 * The package as a user gets it: packed, installed without a network into an empty project, and used from there, by its
 * command, from Node, from TypeScript and through a bundler.
 */
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const doors = Object.keys(manifest.exports)
  .filter((path) => path !== './package.json')
  .map((path) => path.replace(/^\./, 'homeward'))

const project = mkdtempSync(join(tmpdir(), 'homeward-package-'))
let tarball: string
beforeAll(() => {
  const packed = run(npm, ['pack', '--json', '--ignore-scripts', '--pack-destination', project], { cwd: root })
  expect(packed.code, packed.stderr).toBe(0)
  tarball = join(project, readdirSync(project).find((name) => name.endsWith('.tgz'))!)
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'empty', private: true, type: 'module' }))
  const installed = run(npm, ['install', '--offline', '--no-audit', '--no-fund', tarball], { cwd: project })
  expect(installed.code, installed.stderr).toBe(0)
}, 120_000)
const alone = mkdtempSync(join(tmpdir(), 'homeward-bundled-'))
afterAll(() => {
  for (const folder of [project, alone]) rmSync(folder, { recursive: true, force: true })
})

const inProject = (program: string, ...args: string[]) => run(program, args, { cwd: project })
const bin = join(project, 'node_modules', '.bin', 'homeward')

describe('the packed package', () => {
  it('depends on nothing', () => {
    expect(manifest.dependencies).toBeUndefined()
    const installed = readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'))
    expect(installed).toEqual(['homeward'])
  })

  it('holds what is built and nothing else', () => {
    const folder = join(project, 'node_modules', 'homeward')
    expect(readdirSync(folder).sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json'])
    const files = readdirSync(join(folder, 'dist'), { recursive: true, encoding: 'utf8' })
    expect(files.filter((file) => /\.(test|bench)\./.test(file))).toEqual([])
    expect(files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))).toEqual([])
  })

  it('names whose work the command contains, with their licences', () => {
    const notices = readFileSync(join(project, 'node_modules', 'homeward', 'dist', 'cli', 'THIRD-PARTY.txt'), 'utf8')
    const { dependencies } = JSON.parse(readFileSync(join(root, 'apps', 'cli', 'package.json'), 'utf8'))
    for (const [name, version] of Object.entries(dependencies)) expect(notices).toContain(`\n${name} ${version} (`)
  })

  it('runs its command through npx, pictures included', () => {
    expect(inProject('npx', '--offline', 'homeward', '--version').stdout.trim()).toBe(manifest.version)
    const made = inProject(bin, 'generate', 'ring', '--out', 'ring.g2o', '--quiet')
    expect(made.code, made.stderr).toBe(0)
    for (const picture of ['ring.svg', 'ring.png']) {
      const { code, stderr } = inProject(bin, 'optimize', 'ring.g2o', '--quiet', '--plot', picture)
      expect(stderr).toBe('')
      expect(code).toBe(0)
    }
    expect(readFileSync(join(project, 'ring.svg'), 'utf8')).toMatch(/^(<\?xml[^>]*>\s*)?<svg/)
    expect([...readFileSync(join(project, 'ring.png')).subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10])
  })

  it.each(doors)('is importable from Node as %s', (door) => {
    const { code, stdout, stderr } = inProject(
      process.execPath,
      '--input-type=module',
      '--eval',
      `console.log(Object.keys(await import('${door}')).length)`,
    )
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(Number(stdout)).toBeGreaterThan(0)
  })

  it('has one copy of the library: the command uses the same modules', () => {
    const code = readFileSync(join(project, 'node_modules', 'homeward', 'dist', 'cli', 'homeward.js'), 'utf8')
    expect(code).toMatch(/from\s*["']\.\.\/(\w+\/)?index\.js["']/)
    expect(code).not.toMatch(/class Graph\b/)
  })

  it('is typed, for Node and for bundlers', () => {
    const lines = doors.map(
      (door, i) => `import * as room${i} from '${door}'\nexport const names${i} = Object.keys(room${i})`,
    )
    writeFileSync(join(project, 'typed.ts'), `${lines.join('\n')}\n`)
    const tsc = join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc')
    for (const [module, resolution] of [
      ['nodenext', 'nodenext'],
      ['esnext', 'bundler'],
    ] as const) {
      const options = ['--strict', '--noEmit', '--lib', 'es2023', '--target', 'es2023', '--types', '']
      const how = ['--module', module, '--moduleResolution', resolution]
      const { code, stdout } = inProject(process.execPath, tsc, ...options, ...how, 'typed.ts')
      expect(stdout).toBe('')
      expect(code).toBe(0)
    }
  })

  it('goes through a bundler, and the result runs alone', async () => {
    const lines = [
      ...doors.map((door, i) => `import * as room${i} from '${door}'`),
      `import { optimize } from 'homeward'`,
      `import { ring } from 'homeward/sim'`,
      `const names = [${doors.map((_, i) => `Object.keys(room${i}).length`).join(', ')}]`,
      `const { summary } = optimize(ring({ perLap: 20 }).graph)`,
      'console.log(Math.min(...names), summary.termination)',
    ]
    writeFileSync(join(project, 'entry.js'), `${lines.join('\n')}\n`)
    await build({
      root: project,
      configFile: false,
      logLevel: 'error',
      build: {
        outDir: alone,
        emptyOutDir: true,
        lib: { entry: join(project, 'entry.js'), formats: ['es'], fileName: 'entry' },
      },
    })
    const { code, stdout, stderr } = run(process.execPath, [join(alone, 'entry.js')], { cwd: alone })
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^[1-9]\d* converged\n$/)
  })

  it('is well formed: publint', async () => {
    const { messages, pkg } = await publint({ pkgDir: root, strict: true })
    expect(messages.map((message) => formatMessage(message, pkg!))).toEqual([])
  })

  it('is well typed: are the types wrong?', () => {
    const attw = join(root, 'node_modules', '@arethetypeswrong', 'cli', 'dist', 'index.js')
    const args = [attw, tarball, '--profile', 'esm-only', '--no-emoji', '--no-color', '--format', 'ascii']
    const { code, stdout, stderr } = inProject(process.execPath, ...args)
    expect(`${code === 0 ? '' : stdout}${stderr}`).toBe('')
  })
})
