#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { UsageError } from '../../../src/numeric/index.ts'
import { convertCommand } from './commands/convert.ts'
import { evaluateCommand } from './commands/evaluate.ts'
import { generateCommand } from './commands/generate.ts'
import { infoCommand } from './commands/info.ts'
import { nistCommand } from './commands/nist.ts'
import { optimizeCommand } from './commands/optimize.ts'
import { precisionCommand } from './commands/precision.ts'
import { version } from './version.ts'

/*
 * Exit codes: 0 done (and converged), 1 ran but did not converge, 2 bad input or usage, 70 a bug of ours, 130 interrupted.
 * Results go to stdout, progress and complaints to stderr.
 */
const program = new Command('homeward')
  .description('Optimizes pose graphs and bundle adjustment problems, and compares trajectories.')
  .version(version)
  .addHelpText(
    'after',
    `
Examples:
  homeward generate sphere --out sphere.g2o          make a problem to try
  homeward optimize sphere.g2o --out best.g2o --plot sphere.png
  homeward info sphere.g2o                           what is in a file
  homeward evaluate estimate.tum truth.tum           how far is it off

Exit codes: 0 done and converged, 1 ran but did not converge, 2 bad input or usage, 130 interrupted.
Each command has its own help: homeward optimize --help`,
  )
  .showHelpAfterError('(homeward --help shows commands and examples)')
  .exitOverride()

for (const command of [
  optimizeCommand(),
  infoCommand(),
  generateCommand(),
  convertCommand(),
  evaluateCommand(),
  nistCommand(),
  precisionCommand(),
])
  program.addCommand(settle(command, program))

// A reader that has enough (`| head`) ends the run; that is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit()
  throw error
})

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = explain(error)
}

/** Gives a command, and the commands under it, the settings of its parent. */
function settle(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent)
  for (const under of command.commands) settle(under as Command, command)
  return command
}

/** Says what went wrong in one message; returns the exit code. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2 // commander has spoken already
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K') // what progress left on the line
  const debug = Boolean(process.env['HOMEWARD_DEBUG'])
  if (error instanceof UsageError) {
    process.stderr.write(`error: ${debug ? error.stack : error.message}\n`)
    return 2
  }
  if (error instanceof Error && error.name === 'AbortError') {
    process.stderr.write(`interrupted: ${error.message}\n`)
    return 130
  }
  const shown = error instanceof Error ? (debug ? error.stack : error.message) : String(error)
  const hint = debug ? '' : '\nThis is a bug in homeward. HOMEWARD_DEBUG=1 shows where it happened.'
  process.stderr.write(`internal error: ${shown}${hint}\n`)
  return 70
}
