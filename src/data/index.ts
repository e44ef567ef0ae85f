/**
 * data: bytes in, records out. Readers and writers of graph, bundle adjustment and trajectory files; no paths, no
 * streams of any platform. Imports graph, geometry, numeric. Read `formats/g2o.ts` first.
 */
export * from './errors.ts'
export * from './formats/bal.ts'
export * from './formats/kitti.ts'
export * from './formats/nist.ts'
export * from './formats/ply.ts'
export * from './formats/tum.ts'
export type * from './source.ts'
export * from './trajectory.ts'
