#!/usr/bin/env node
// `npx homeward` in a checkout: the built command, or a word on how to build it.
import { existsSync } from 'node:fs'

const built = new URL('../../../dist/cli/homeward.js', import.meta.url)
if (existsSync(built)) await import(built.href)
else {
  console.error('homeward is not built yet: run `npm run build` first')
  process.exitCode = 2
}
