import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cycle, type Import, importsOf, rank, violation } from './layers.ts'

const root = join(import.meta.dirname, '..')

function sourceFiles(folder: string): string[] {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path.split(sep).join('/')}`)
    .filter((path) => /\.(ts|mjs)$/.test(path) && !path.includes('node_modules/') && !path.includes('/results/'))
}

describe('the import order', () => {
  const files = ['src', 'apps', 'bench', 'examples', 'test', 'scripts'].flatMap(sourceFiles)
  const imports = files.flatMap((file) => importsOf(file, readFileSync(join(root, file), 'utf8')))

  it('holds for every import of the project', () => {
    expect(files.length).toBeGreaterThan(50)
    expect(imports.map(violation).filter((fault) => fault !== null)).toEqual([])
  })

  it('leaves no cycle among files', () => {
    expect(cycle(imports)).toBeNull()
  })

  it('ranks every room', () => {
    const rooms = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory())
    expect(rooms.map(({ name }) => name).filter((name) => rank[name] === undefined)).toEqual([])
  })
})

describe('the checker itself', () => {
  const faultOf = (file: string, text: string): string | null => importsOf(file, text).map(violation)[0] ?? null

  it.each([
    ['upward', 'src/linear/a.ts', `import { x } from '../optimize/index.ts'`, 'rank 2'],
    ['sideways', 'src/linear/a.ts', `export * from '../graph/index.ts'`, 'only rooms below'],
    ['upward type', 'src/geometry/a.ts', `import type { X } from '../graph/index.ts'`, 'rank 1'],
    ['upward import type', 'src/geometry/a.ts', `let x: import('../graph/index.ts').X`, 'rank 1'],
    ['upward dynamic', 'src/geometry/a.ts', `await import('../graph/index.ts')`, 'rank 1'],
    ['past the door', 'src/graph/a.ts', `import { x } from '../geometry/se3.ts'`, 'entered by its door'],
    ['from a subfolder', 'src/graph/factors/a.ts', `import { x } from '../../sim/index.ts'`, 'rank 2'],
    ['of Node', 'src/data/a.ts', `import { readFileSync } from 'node:fs'`, 'nothing of Node'],
    ['of a package', 'src/data/a.ts', `import three from 'three'`, 'no package'],
    ['of the root door', 'src/data/a.ts', `import { x } from '../index.ts'`, 'own door'],
    ['of a room without rank', 'src/slam/a.ts', `import { x } from '../kitchen/index.ts'`, 'no rank'],
    ['of an app', 'src/data/a.ts', `import { x } from '../../apps/cli/src/main.ts'`, 'outside src/'],
    ['past the door, in an app', 'apps/cli/src/a.ts', `import { x } from '../../../src/graph/graph.ts'`, 'its doors'],
    ['from leaf to leaf', 'bench/a.ts', `import { x } from '../apps/cli/src/files.ts'`, 'leaves'],
    ['by path, in an example', 'examples/a.ts', `import { x } from '../src/index.ts'`, `import 'homeward'`],
  ])('finds an import %s', (_, file, text, words) => {
    const fault = faultOf(file, `\n${text}\n`)
    expect(fault).toContain(words)
    expect(fault).toContain(`${file}:2`)
  })

  it.each([
    ['downward', 'src/optimize/a.ts', `import { x } from '../linear/index.ts'`],
    ['within a room', 'src/graph/factors/a.ts', `import { x } from '../graph.ts'`],
    ['of the test kit, in a test', 'src/geometry/a.test.ts', `import { x } from '../testing/index.ts'`],
    ['of a door, in an app', 'apps/cli/src/commands/a.ts', `import { x } from '../../../../src/data/index.ts'`],
    ['of Node, in an app', 'apps/cli/src/a.ts', `import { x } from 'node:fs'`],
    ['from the root door', 'src/index.ts', `export * from './optimize/index.ts'`],
  ])('passes an import %s', (_, file, text) => {
    expect(faultOf(file, text)).toBeNull()
  })

  it('finds a cycle, and only one that remains at run time', () => {
    const edge = (file: string, specifier: string, typeOnly = false): Import => ({ file, line: 1, specifier, typeOnly })
    const there = edge('src/a/one.ts', './two.ts')
    expect(cycle([there, edge('src/a/two.ts', './one.ts')])).toEqual(['src/a/one.ts', 'src/a/two.ts', 'src/a/one.ts'])
    expect(cycle([there, edge('src/a/two.ts', './one.ts', true)])).toBeNull()
  })
})
