import type { BlockPattern } from './pattern.ts'

/**
 * parent[k] of the elimination tree of the permuted graph, −1 for a root: the row of the first entry of column k of L
 * below the diagonal. J. Liu, "The role of elimination trees in sparse factorization", SIAM J. Matrix Anal. Appl. 11
 * (1990), algorithm 4.2, with path compression in `ancestor`.
 */
export function eliminationTree(pattern: BlockPattern, order: Int32Array, position: Int32Array): Int32Array {
  const n = pattern.count
  const parent = new Int32Array(n).fill(-1)
  const ancestor = new Int32Array(n).fill(-1)
  for (let k = 0; k < n; k++) {
    const block = order[k]
    for (let q = pattern.start[block]; q < pattern.start[block + 1]; q++) {
      let i = position[pattern.neighbors[q]]
      while (i >= 0 && i < k) {
        const up = ancestor[i]
        ancestor[i] = k
        if (up < 0) parent[i] = k
        i = up
      }
    }
  }
  return parent
}

/** Positions in an order where every subtree is contiguous and children come before their parent. */
export function postorder(parent: Int32Array): Int32Array {
  const n = parent.length
  const firstChild = new Int32Array(n).fill(-1)
  const sibling = new Int32Array(n).fill(-1)
  for (let k = n - 1; k >= 0; k--) {
    if (parent[k] < 0) continue
    sibling[k] = firstChild[parent[k]]
    firstChild[parent[k]] = k
  }
  const post = new Int32Array(n)
  const stack = new Int32Array(n)
  let done = 0
  for (let root = 0; root < n; root++) {
    if (parent[root] >= 0) continue
    let top = 0
    stack[0] = root
    while (top >= 0) {
      const k = stack[top]
      const child = firstChild[k]
      if (child < 0) {
        post[done++] = k
        top--
      } else {
        firstChild[k] = sibling[child]
        stack[++top] = child
      }
    }
  }
  return post
}

/**
 * Visits row k of L without its diagonal: every position on the paths of the tree from the entries of row k of the matrix
 * up to k. Calls nothing: fills `row` and returns how many (Liu 1990, theorem 3.4). `mark` must not hold k before.
 */
export function rowOfFactor(
  k: number,
  pattern: BlockPattern,
  order: Int32Array,
  position: Int32Array,
  parent: Int32Array,
  mark: Int32Array,
  row: Int32Array,
): number {
  const block = order[k]
  let count = 0
  mark[k] = k
  for (let q = pattern.start[block]; q < pattern.start[block + 1]; q++) {
    let i = position[pattern.neighbors[q]]
    if (i > k) continue
    while (mark[i] !== k) {
      mark[i] = k
      row[count++] = i
      i = parent[i]
    }
  }
  return count
}
