/** `npm run check`: lint, types and the import order; a few seconds. */
import { ensureInstalled, node, step } from './shell.mjs'

ensureInstalled()
const ok = [
  step('lint', 'npm run lint', () => node('biome', ['check', '--error-on-warnings', '.'])),
  step('types', 'npm run types', () => node('tsc', ['-p', 'tsconfig.json'])),
  step('layers', 'npx vitest run test/layers.test.ts', () => node('vitest', ['run', 'test/layers.test.ts'])),
].every(Boolean)
process.exitCode = ok ? 0 : 1
