// AssemblyScript. The table at the head of a factorization's memory: words of 32 bits, written by layout.ts. "Address" is a
// byte address in the linear memory.

/** Number of blocks; the uniform block size, 0 for mixed sizes. */
export const COUNT: usize = 0
export const UNIFORM: usize = 4
/** By position: count + 1 starts of columns; by entry: block row, and address of the block in L (one more: the end of L). */
export const COLUMN_START: usize = 8
export const ROW_INDEX: usize = 12
export const BLOCK_AT: usize = 16
/** By position: size of a block, rows it is stored with, address of its part of the work vector. */
export const DIMS: usize = 20
export const HEIGHT: usize = 24
export const WORK_AT: usize = 28
/** By position: offset of the block's scalars in the original order. */
export const ORIGINAL: usize = 32
/** By position: scratch of the factorization. */
export const PLACE: usize = 36
export const CURSOR: usize = 40
export const CHAIN_HEAD: usize = 44
export const CHAIN_NEXT: usize = 48
/** By scalar in the original order, fp64: diagonal of H + damping, damping, scale (fp32 only), input and output of a solve. */
export const DIAGONAL: usize = 52
export const DAMPING: usize = 56
export const SCALE: usize = 60
export const VECTOR: usize = 64
/** What goes into each column of L: count + 1 starts, and entries of five words (see LOAD_… below). */
export const LOAD_START: usize = 68
export const LOAD_ENTRY: usize = 72
/** fp64: the numbers of H, as the matrix has them. */
export const HESSIAN: usize = 76
/** Results: position and scalar of a failed pivot; the pivot (fp64). */
export const FAILED_AT: usize = 84
export const FAILED_SCALAR: usize = 88
export const FAILED_PIVOT: usize = 96
/** Scalars of all blocks; how far behind the work vector the reciprocals of L's diagonal lie, in bytes. */
export const SCALARS: usize = 104
export const RECIPROCAL: usize = 176
/** Column starts, rows, starts of values (in numbers) of H; block sizes and offsets, in the original order. */
export const H_COLUMN_START: usize = 108
export const H_ROW_INDEX: usize = 112
export const H_VALUE_START: usize = 116
export const H_DIMS: usize = 120
export const H_OFFSET: usize = 124
/** Vectors of conjugate gradients, fp64, in the original order: b, x, r, z, p, q. */
export const CG_B: usize = 128
export const CG_X: usize = 132
export const CG_R: usize = 136
export const CG_Z: usize = 140
export const CG_P: usize = 144
export const CG_Q: usize = 148
/** Results of conjugate gradients: iterations; norm of the residual and its target (fp64). */
export const CG_ITERATIONS: usize = 152
export const CG_NORM: usize = 160
export const CG_TARGET: usize = 168

/** A block of H on its way into L: offset of its numbers in bytes, address in L (+ 1: transposed), first scalars, sizes. */
export const LOAD_FROM: usize = 0
export const LOAD_TO: usize = 4
export const LOAD_ROW: usize = 8
export const LOAD_COLUMN: usize = 12
export const LOAD_SIZES: usize = 16
export const LOAD_BYTES: usize = 20

/** A word of the table. */
@inline
export function word(plan: usize, at: usize): usize {
  return <usize>load<u32>(plan + at)
}

/** Word i of an array of words. */
@inline
export function nth(array: usize, i: usize): usize {
  return <usize>load<u32>(array + (i << 2))
}
