import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { homeward, root, run, transpile } from './built.ts'

/*
 * The README's programs are compiled against the package and run, its `npx homeward` lines are run, in the order in which
 * a reader would and in one folder, so that a later block may use a file of an earlier one.
 */
interface Block {
  readonly language: string
  readonly text: string
  readonly line: number
}

function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = []
  for (const match of markdown.matchAll(/^```(\w+)[^\n]*\n([\s\S]*?)^```/gm))
    blocks.push({
      language: match[1],
      text: match[2],
      line: markdown.slice(0, match.index).split('\n').length + 1,
    })
  return blocks
}

const blocks = blocksOf(readFileSync(join(root, 'README.md'), 'utf8'))
const programs = blocks.filter(({ language }) => language === 'ts')
const folder = mkdtempSync(join(tmpdir(), 'homeward-readme-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('README.md', () => {
  it('has programs and commands', () => {
    expect(programs.length).toBeGreaterThan(0)
    expect(blocks.some(({ text }) => text.includes('npx homeward'))).toBe(true)
  })

  it('has programs that compile', () => {
    const sources = join(root, 'out', 'readme-types')
    rmSync(sources, { recursive: true, force: true })
    mkdirSync(sources, { recursive: true })
    for (const { text, line } of programs) writeFileSync(join(sources, `line-${line}.ts`), `${text}\nexport {}\n`)
    const options = { noEmit: true, noUnusedLocals: false, rewriteRelativeImportExtensions: false, types: ['node'] }
    const config = { extends: '../../tsconfig.base.json', compilerOptions: options, include: ['*.ts'] }
    writeFileSync(join(sources, 'tsconfig.json'), JSON.stringify(config))
    const tsc = join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc')
    const { stdout } = run(process.execPath, [tsc, '-p', sources])
    expect(stdout).toBe('')
  })

  for (const block of blocks) {
    if (block.language === 'ts')
      it(`runs the program at line ${block.line}`, () => {
        const script = transpile(block.text, `readme/line-${block.line}.js`)
        const { code, stderr } = run(process.execPath, [script], { cwd: folder })
        expect(stderr).toBe('')
        expect(code).toBe(0)
      })
    if (block.language !== 'sh') continue
    for (const command of block.text.split('\n').filter((line) => line.startsWith('npx homeward ')))
      it(`runs ${command}`, () => {
        const words = command.replace(/\s+#.*$/, '').split(/\s+/)
        const { code, stderr } = homeward(words.slice(2), { cwd: folder })
        expect(stderr).toBe('')
        expect(code).toBe(0)
      })
  }
})
