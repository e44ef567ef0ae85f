import { posix } from 'node:path'
import ts from 'typescript'

/**
 * The import order of the house, as data: an import points to a lower rank, never sideways. Rooms without a rank do not
 * exist: a new folder in src/ starts with a line here.
 */
export const rank: Readonly<Record<string, number>> = {
  numeric: 0,
  backend: 1,
  geometry: 1,
  linear: 2,
  graph: 2,
  vision: 2,
  optimize: 3,
  data: 3,
  slam: 4,
  sim: 4,
  evaluate: 4,
  testing: 5,
}

/** Folders at the root whose code uses the library as anyone does: through its doors. */
const outside = new Set(['apps', 'bench', 'examples', 'test', 'scripts'])

export interface Import {
  readonly file: string
  readonly line: number
  readonly specifier: string
  readonly typeOnly: boolean
}

/** Every import, export-from, import() and import type of a file. */
export function importsOf(file: string, text: string): Import[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest)
  const found: Import[] = []
  const add = (node: ts.Node, specifier: ts.Node | undefined, typeOnly: boolean): void => {
    if (!specifier || !ts.isStringLiteral(specifier)) return
    const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1
    found.push({ file, line, specifier: specifier.text, typeOnly })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node))
      add(node, node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword)
    else if (ts.isExportDeclaration(node)) add(node, node.moduleSpecifier, node.isTypeOnly)
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node, node.argument.literal, true)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node, node.arguments[0], false)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** What is wrong with one import, or null. */
export function violation(found: Import): string | null {
  const fault = found.file.startsWith('src/') ? faultInLibrary(found) : faultOutside(found)
  return fault && `${found.file}:${found.line}: import '${found.specifier}': ${fault}`
}

function faultInLibrary({ file, specifier }: Import): string | null {
  const isTest = /\.(test|bench)\.ts$/.test(file)
  if (!specifier.startsWith('.')) return isTest ? null : 'src/ imports no package and nothing of Node'
  const target = posix.join(posix.dirname(file), specifier)
  if (!target.startsWith('src/'))
    return isTest && target.startsWith('test/') ? null : 'src/ imports nothing outside src/'
  const from = room(file)
  const to = room(target)
  if (to === null) return isTest || from === null ? null : `a room does not import the library's own door`
  if (from === to) return null
  for (const name of [from, to])
    if (name !== null && rank[name] === undefined) return `room '${name}' has no rank in test/layers.ts`
  if (target !== `src/${to}/index.ts`) return `a room is entered by its door, src/${to}/index.ts`
  if (isTest || from === null) return null
  if (rank[to] >= rank[from])
    return `${from} (rank ${rank[from]}) may import only rooms below it; ${to} has rank ${rank[to]}`
  return null
}

function faultOutside({ file, specifier }: Import): string | null {
  if (!specifier.startsWith('.')) return null
  const target = posix.join(posix.dirname(file), specifier)
  if (target.startsWith('src/')) {
    if (file.startsWith('examples/')) return `examples import 'homeward', as their readers will`
    return /^src\/(\w+\/)?index\.ts$/.test(target) ? null : 'outside src/ the library is used through its doors'
  }
  const home = leaf(file)
  const there = leaf(target)
  const isTest = file.startsWith('test/') || file.endsWith('.test.ts')
  if (home === there || isTest) return null
  if (outside.has(target.split('/')[0])) return `${home} and ${there} are leaves: they do not import each other`
  return null
}

/** The room a file of src/ stands in; null for src/index.ts. */
function room(file: string): string | null {
  const parts = file.split('/')
  return parts.length > 2 ? parts[1] : null
}

/** 'apps/cli', 'bench', 'test', … */
function leaf(file: string): string {
  const parts = file.split('/')
  return parts[0] === 'apps' ? parts.slice(0, 2).join('/') : parts[0]
}

/** A cycle among files by imports that remain at run time, as the list of its files, or null. */
export function cycle(imports: readonly Import[]): string[] | null {
  const edges = new Map<string, string[]>()
  for (const { file, specifier, typeOnly } of imports) {
    if (typeOnly || !specifier.startsWith('.')) continue
    const target = posix.join(posix.dirname(file), specifier)
    edges.set(file, [...(edges.get(file) ?? []), target])
  }
  const state = new Map<string, 'open' | 'done'>()
  const path: string[] = []
  const visit = (file: string): string[] | null => {
    if (state.get(file) === 'done') return null
    if (state.get(file) === 'open') return [...path.slice(path.indexOf(file)), file]
    state.set(file, 'open')
    path.push(file)
    for (const next of edges.get(file) ?? []) {
      const found = visit(next)
      if (found) return found
    }
    path.pop()
    state.set(file, 'done')
    return null
  }
  for (const file of edges.keys()) {
    const found = visit(file)
    if (found) return found
  }
  return null
}
