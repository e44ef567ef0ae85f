import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { homeward, type Outcome } from '../built.ts'
import { testFolder } from './folder.ts'

/* Whatever is wrong with a file: one clear message with file, line, what was expected and what came; exit code 2. */
const folder = testFolder()
const ring = folder.make('ring.g2o', 'ring', '--per-lap', '20')
const good = readFileSync(ring, 'utf8')
const bundle = readFileSync(folder.make('bundle.txt', 'bundle', '--frames', '4'), 'utf8')
const I3 = '1 0 0 1 0 1'

function refused({ code, stdout, stderr }: Outcome, ...words: (string | RegExp)[]): void {
  for (const word of words) expect(stderr).toMatch(word)
  expect(stderr).toMatch(/^error: [^\n]*\n$/)
  expect(stdout).toBe('')
  expect(code).toBe(2)
}

describe('a file that cannot be read', () => {
  const lines = good.split('\n')
  const vertices = lines.filter((line) => line.startsWith('VERTEX'))
  const cases: [what: string, name: string, content: string | Uint8Array, words: RegExp[]][] = [
    ['empty', 'empty.g2o', '', [/empty/]],
    ['only comments', 'comments.g2o', '# nothing\n\n', [/expected/]],
    ['binary', 'binary.g2o', Uint8Array.from({ length: 999 }, (_, i) => (i * 73) % 256), [/binary/]],
    ['of no known kind', 'letter.txt', 'Dear robot,\nwhere are you?\n', [/:1: expected/, /Dear robot/]],
    ['cut in the middle of a line', 'cut.g2o', good.slice(0, good.length - 40), [/cut\.g2o:\d+: expected/]],
    ['with NaN', 'nan.g2o', good.replace(/(VERTEX_SE2 3) \S+/, '$1 nan'), [/nan\.g2o:4: expected/, /nan/i]],
    ['with infinity', 'inf.g2o', good.replace(/(VERTEX_SE2 3) \S+/, '$1 inf'), [/inf\.g2o:4: expected/, /inf/i]],
    ['with a vertex twice', 'twice.g2o', `${good}${vertices[1]}\n`, [/twice\.g2o:\d+/, /\b1\b/]],
    ['with an edge to nowhere', 'nowhere.g2o', `${good}EDGE_SE2 0 99999 1 0 0 ${I3}\n`, [/99999/]],
    [
      'with an indefinite information matrix',
      'indefinite.g2o',
      `${good}EDGE_SE2 0 1 1 0 0 1 2 0 1 0 1\n`,
      [/indefinite\.g2o:\d+/, /-1/, /repair-?information/i],
    ],
    ['a truncated archive', 'cut.g2o.gz', gzipSync(good).subarray(0, 200), [/cut\.g2o\.gz/, /truncated|damaged/]],
    ['an archive by name only', 'not.g2o.gz', good, [/not\.g2o\.gz/, /gzip/]],
    ['BAL, cut', 'cut.txt', bundle.slice(0, bundle.length / 2), [/cut\.txt/, /expected/]],
    ['BAL with wrong counts', 'counts.txt', bundle.replace(/^\d+/, '2'), [/counts\.txt/, /expected/]],
    ['a trajectory', 'walk.tum', '0 0 0 0 0 0 0 1\n1 1 0 0 0 0 0 1\n', [/walk\.tum/, /TUM trajectory/]],
  ]
  it.each(cases)('%s', (_, name, content, words) => {
    refused(homeward(['optimize', folder.put(name, content), '--out', folder.at(`from-${name}.g2o`)]), ...words)
    expect(existsSync(folder.at(`from-${name}.g2o`))).toBe(false)
  })

  it('missing', () => refused(homeward(['optimize', folder.at('none.g2o')]), /none\.g2o/, /no such file/))

  it('a directory', () => refused(homeward(['optimize', folder.path]), /directory/, /COLMAP/))

  it('without permission', ({ skip }) => {
    const path = folder.put('secret.g2o', good)
    chmodSync(path, 0)
    if (process.getuid?.() !== 0) return refused(homeward(['optimize', path]), /no permission/)
    // Root may read everything: run as nobody, where nobody can reach the built command.
    const nobody = { uid: 65534, gid: 65534 }
    chmodSync(folder.path, 0o755)
    if (homeward(['--version'], nobody).code !== 0)
      return skip('root reads everything, and nobody cannot run the command')
    refused(homeward(['optimize', path], nobody), /no permission/)
  })

  it('--repair-information takes the indefinite one, and says so', () => {
    const { code, stdout } = homeward(['optimize', folder.at('indefinite.g2o'), '--repair-information', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout).warnings.join('\n')).toMatch(/1 information matri/)
  })

  it('unknown lines are counted, not fatal', () => {
    const path = folder.put('unknown.g2o', `${good}LASER 1 2 3\nLASER 4 5 6\n`)
    const { code, stdout } = homeward(['optimize', path, '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout).warnings.join('\n')).toMatch(/2 lines.*'LASER'/)
  })

  it('parts that do not hang together are solved, and named', () => {
    const island = `VERTEX_SE2 500 0 0 0\nVERTEX_SE2 501 2 0 0\nEDGE_SE2 500 501 1 0 0 ${I3}\n`
    const { code, stdout } = homeward(['optimize', folder.put('islands.g2o', `${good}${island}`), '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout).warnings.join('\n')).toMatch(/2 .*components/)
  })
})

describe('an output that cannot be written', () => {
  const before = good
  it('is refused before the work: a directory, no folder, an unknown ending', () => {
    mkdirSync(folder.at('taken.g2o'))
    refused(homeward(['optimize', ring, '--out', folder.at('taken.g2o')]), /taken\.g2o/, /directory/)
    refused(homeward(['optimize', ring, '--out', folder.at('no/where.g2o')]), /no folder/)
    refused(homeward(['optimize', ring, '--out', folder.at('a.doc')]), /\.doc/, /\.g2o/)
    refused(homeward(['optimize', ring, '--plot', folder.at('a.pdf')]), /\.svg or \.png/)
    refused(homeward(['optimize', ring, '--out', folder.at('a.bal')]), /not as bal/)
    refused(homeward(['convert', ring, folder.at('no/where.tum')]), /no folder/)
    refused(homeward(['generate', 'ring', '--out', folder.at('no/where.g2o')]), /no folder/)
  })

  it.skipIf(!existsSync('/dev/full'))('says that the disk is full', () => {
    refused(homeward(['convert', ring, '/dev/full', '--to', 'g2o']), /disk is full/)
  })

  it.skipIf(process.platform === 'win32')('leaves the old file when there is no room for the new one', () => {
    const target = folder.at('old.g2o')
    cpSync(ring, target)
    // A limit of 1 kB per file, as a small disk would have.
    const script = 'ulimit -f 1; exec "$0" "$@"'
    const { status, stderr } = spawnSync(
      'sh',
      ['-c', script, process.execPath, 'dist/cli/homeward.js', 'optimize', ring, '--quiet', '--out', target],
      { encoding: 'utf8' },
    )
    expect(stderr).toMatch(/^error: cannot write .*old\.g2o: .*larger than/)
    expect(status).toBe(2)
    expect(readFileSync(target, 'utf8')).toBe(before)
    expect(readdirSync(folder.path).filter((name) => name.startsWith('.'))).toEqual([])
  })
})

describe('usage that cannot be', () => {
  it.each([
    [[], /Usage: homeward/],
    [['optimise', 'a.g2o'], /unknown command 'optimise'/],
    [['optimize'], /missing required argument 'file'/],
    [['optimize', ring, '--step', 'fast'], /cholesky/],
    [['optimize', ring, '--init', 'luck'], /chordal/],
    [['optimize', ring, '--method', 'adam'], /dogleg/],
    [['optimize', ring, '--loss', 'huber'], /NAME:SCALE/],
    [['optimize', ring, '--loss', 'huber:-1'], /NAME:SCALE/],
    [['optimize', ring, '--loss', 'square:1'], /geman-mcclure/],
    [['optimize', ring, '--max-iterations', '0'], /above 0/],
    [['optimize', ring, '--max-iterations', '1.5'], /whole number/],
    [['optimize', ring, '--tolerance', 'small'], /number/],
    [['optimize', ring, '--frobnicate'], /unknown option '--frobnicate'/],
    [['generate', 'cube'], /unknown command 'cube'/],
    [['generate', 'ring', '--noise', '1'], /metres and radians/],
    [['generate', 'grid', '--dimension', '4'], /dimension/],
    [['evaluate', ring], /missing required argument 'truth'/],
    [['nist', folder.path], /\.dat/],
  ])('%j', (args, words) => {
    const { code, stdout, stderr } = homeward(args)
    expect(stderr).toMatch(words)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(stdout).toBe('')
    expect(code).toBe(2)
  })

  it('shows where it happened when asked to', () => {
    const { stderr } = homeward(['optimize', folder.at('none.g2o')], {
      env: { ...process.env, HOMEWARD_DEBUG: '1' },
    })
    expect(stderr).toMatch(/^\s+at /m)
  })
})
