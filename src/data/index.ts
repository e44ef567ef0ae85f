/**
 * data: bytes in, records out. Readers and writers of graph, bundle adjustment and trajectory files; no paths, no
 * streams of any platform. Imports graph, geometry, numeric. Read `formats/g2o.ts` first.
 */
export * from './errors.ts'
export * from './fingerprint.ts'
export { type BundleFile, readBal, writeBal } from './formats/bal.ts'
export * from './formats/colmap.ts'
export * from './formats/colmap-bundle.ts'
export type {
  ColmapCamera,
  ColmapCameraModel,
  ColmapImage,
  ColmapModel,
  ColmapPoints,
  ColmapSources,
} from './formats/colmap-model.ts'
export { type ColmapTexts, writeColmap } from './formats/colmap-text.ts'
export * from './formats/g2o.ts'
export * from './formats/g2o-writer.ts'
export * from './formats/isam.ts'
export * from './formats/keble.ts'
export * from './formats/kitti.ts'
export * from './formats/nist.ts'
export * from './formats/ply.ts'
export * from './formats/pose-graph.ts'
export type * from './formats/pose-graph-file.ts'
export * from './formats/stereo-vo.ts'
export * from './formats/toro.ts'
export * from './formats/tum.ts'
export * from './formats/tum-window.ts'
export * from './ordered.ts'
export * from './sequence.ts'
export type * from './source.ts'
export * from './trajectory.ts'
