// AssemblyScript. r ← w r and J ← w J for the weight w of every factor of a batch: the end of linearizeBatch in linearize.ts.

@inline
function scale(at: usize, bytes: usize, weight: v128): void {
  const end = at + (bytes & ~15)
  for (; at < end; at += 16) v128.store(at, f64x2.mul(v128.load(at), weight))
  if (bytes & 8) v128.store64_lane(at, f64x2.mul(v128.load64_zero(at), weight), 0)
}

/** `rows` and `stride` are the bytes of one factor's residual and Jacobian. */
export function scaleFactors(count: i32, rows: usize, stride: usize, weights: usize, residual: usize, jacobian: usize): void {
  for (let f = 0; f < count; f++, weights += 8, residual += rows, jacobian += stride) {
    if (load<f64>(weights) == 1) continue
    const weight = v128.load64_splat(weights)
    scale(residual, rows, weight)
    scale(jacobian, stride, weight)
  }
}
