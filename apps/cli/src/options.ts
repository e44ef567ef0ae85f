import { InvalidArgumentError } from 'commander'
import { cauchy, dcs, gemanMcClure, huber, type Loss, tukey } from '../../../src/index.ts'

/*
 * Parsers of option values, for all commands: each returns the value or throws commander's InvalidArgumentError with what
 * was expected, which becomes one line and exit code 2.
 */

const losses: Record<string, (scale: number) => Loss> = {
  huber,
  cauchy,
  tukey,
  'geman-mcclure': gemanMcClure,
  dcs,
}

/** 'huber:1.345' */
export function parseLoss(text: string): Loss {
  const [name = '', scale, ...rest] = text.split(':')
  const loss = losses[name.toLowerCase()]
  const k = Number(scale)
  if (!loss || rest.length > 0 || !scale || !(k > 0) || !Number.isFinite(k))
    throw new InvalidArgumentError(
      `Expected NAME:SCALE like huber:1.345, NAME one of ${Object.keys(losses).join(', ')}.`,
    )
  return loss(k)
}

export function parseCount(text: string): number {
  const n = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(n)) throw new InvalidArgumentError('Expected a whole number.')
  return n
}

export function parsePositiveCount(text: string): number {
  const n = parseCount(text)
  if (n === 0) throw new InvalidArgumentError('Expected a whole number above 0.')
  return n
}

export function parsePositive(text: string): number {
  const x = parseFinite(text)
  if (!(x > 0)) throw new InvalidArgumentError('Expected a number above 0.')
  return x
}

export function parseNotNegative(text: string): number {
  const x = parseFinite(text)
  if (!(x >= 0)) throw new InvalidArgumentError('Expected a number of at least 0.')
  return x
}

export function parseFinite(text: string): number {
  const x = Number(text)
  if (text.trim() === '' || !Number.isFinite(x)) throw new InvalidArgumentError('Expected a number.')
  return x
}

export function parseFraction(text: string): number {
  const x = parseFinite(text)
  if (x < 0 || x > 1) throw new InvalidArgumentError('Expected a number from 0 to 1.')
  return x
}
