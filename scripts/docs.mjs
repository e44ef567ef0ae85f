/** `npm run docs`: the library's reference, from its own comments, into out/docs. */
import { ensureInstalled, node } from './shell.mjs'

ensureInstalled()
process.exitCode = node('typedoc')
