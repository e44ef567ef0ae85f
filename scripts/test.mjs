/**
 * `npm test`: installs if needed, builds, lints, checks types and dead code, runs every test. Every step runs, also after
 * a failed one, so that one run tells everything; the last line counts tests, and failed steps with them.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureInstalled, node, root, step } from './shell.mjs'

const report = join(root, 'out', 'vitest.json')
const counts = join(root, 'out', 'counts.txt')
mkdirSync(join(root, 'out'), { recursive: true })
rmSync(report, { force: true })
rmSync(counts, { force: true })

ensureInstalled()
const steps = [
  step('build', 'npm run build', () => node('scripts/build.mjs')),
  step('lint', 'npm run lint', () => node('biome', ['check', '--error-on-warnings', '.'])),
  step('types', 'npm run types', () => node('tsc', ['-p', 'tsconfig.json'])),
  step('dead code', 'npm run knip', () => node('knip')),
]
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
const testsOk = step('tests', 'npm run unit', () => node('vitest', ['run', ...reporters]))

const { passed, failed } = countTests()
const failedSteps = steps.filter((ok) => !ok).length
// A run that fails without naming a failed test (a crash of the runner) is a failure too.
const unnamed = testsOk || failed > 0 ? 0 : 1
const line = `${passed} passed, ${failed + failedSteps + unnamed} failed`
writeFileSync(counts, `${line}\n`)
console.log(line)
process.exitCode = failed + failedSteps + unnamed === 0 && passed > 0 ? 0 : 1

/** Tests by vitest's own report; a test file that could not even load counts as one failure. */
function countTests() {
  let json
  try {
    json = JSON.parse(readFileSync(report, 'utf8'))
  } catch {
    return { passed: 0, failed: 0 }
  }
  const broken = json.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
  return { passed: json.numPassedTests, failed: json.numFailedTests + broken.length }
}
