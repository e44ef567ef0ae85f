import { Random, UsageError } from '../numeric/index.ts'

/** Standard deviations of one relative-pose measurement, alike in all directions. */
export interface PoseNoise {
  /** Metres. */
  readonly translation: number
  /** Radians. */
  readonly rotation: number
}

/** What all pose graph generators take beside their sizes. */
export interface PoseGraphOptions {
  /** Noise of odometry and of loop closures. Zero makes exact measurements that keep the default's weights. */
  readonly noise?: PoseNoise
  /** False loop closures to add, as a fraction of the true ones: places taken for one another. Default 0. */
  readonly falseLoops?: number
  /**
   * First values. 'odometry' (the default): the odometry integrated from the first true pose, drift and all. 'truth'.
   * Or the truth, spoiled by noise of these deviations (the first pose is kept).
   */
  readonly start?: 'odometry' | 'truth' | PoseNoise
  /** Default 1. The same options and seed give the same bits. */
  readonly seed?: number
}

/** A whole number of at least `least`, or a UsageError that names the option. */
export function whole(name: string, value: number, least: number): number {
  if (!Number.isInteger(value) || value < least || value > 1e8)
    throw new UsageError(`${name} must be a whole number from ${least} to 100,000,000, got ${value}`)
  return value
}

/** A finite number above zero. */
export function positive(name: string, value: number): number {
  if (!(value > 0 && Number.isFinite(value))) throw new UsageError(`${name} must be a positive number, got ${value}`)
  return value
}

/** A finite number, zero or more. */
export function nonNegative(name: string, value: number): number {
  if (!(value >= 0 && Number.isFinite(value))) throw new UsageError(`${name} must be zero or more, got ${value}`)
  return value
}

/** A number in [0, 1]. */
export function fraction(name: string, value: number): number {
  if (!(value >= 0 && value <= 1)) throw new UsageError(`${name} must lie between 0 and 1, got ${value}`)
  return value
}

/** A seed's streams, one per purpose, so that a draw more in one leaves the others as they were. */
export function streams(seed = 1): { shape: Random; noise: Random; falseLoops: Random; start: Random } {
  const random = new Random(seed)
  return { shape: random.fork(), noise: random.fork(), falseLoops: random.fork(), start: random.fork() }
}
