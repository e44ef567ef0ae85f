/**
 * geometry: what robots' states live on. Lie groups (SO2, SE2, SO3, SE3, Sim3, unit quaternions, Rⁿ), camera models,
 * alignment. Imports numeric. `bFromA` names every transform; quaternions are Hamilton (x, y, z, w); tangent vectors are
 * translation first, rotation second; angles in radians, lengths in metres. Read `manifold.ts` first, then `se3.ts`.
 */
export * from './align.ts'
export * from './camera.ts'
export * from './euclidean.ts'
export * from './manifold.ts'
export * from './product.ts'
export * from './quaternion.ts'
export * from './se2.ts'
export * from './se3.ts'
export * from './sim3.ts'
export * from './so2.ts'
export * from './so3.ts'
export { nearestRotation, svd3 } from './svd3.ts'
