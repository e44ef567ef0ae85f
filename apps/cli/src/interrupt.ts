/**
 * Ctrl-C, politely: the first one asks the work to stop at the next opportunity, the second one ends the process (files
 * being written are removed on the way, see files.ts). Call `release` when the work is over.
 */
export function onInterrupt(): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController()
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(130)
    process.stderr.write('\nstopping at the next opportunity; once more quits at once\n')
    controller.abort()
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  return {
    signal: controller.signal,
    release() {
      process.off('SIGINT', interrupt)
      process.off('SIGTERM', interrupt)
    },
  }
}
