/**
 * Seconds (iterations) of peers that were not run here: taken on 2 shared cores of an EPYC in one thread, stop at a
 * relative decrease of 1e-6, from the file's own start (SE-Sync: chordal). For orientation; never part of a ratio.
 */
export const publishedPeers = ['g2o GN', 'Ceres 2.2 LM', 'GTSAM GN', 'SE-Sync'] as const

export const published: Readonly<Record<string, readonly string[]>> = {
  sphere2500: ['.568 (10)', '1.15 (17)', '.271 (6)', '.447'],
  'parking-garage': ['.101 (4)', '.406 (12)', '.114 (4)', '.406'],
  smallGrid3D: ['.027 (11)', '.029 (9)', '.014 (9)', '.016'],
  intel: ['.006 (3)', '.020 (6)', '.028 (3)', '.052'],
  M3500: ['.041 (6)', '.146 (25)', '.140 (7)', '.171'],
  manhattan: ['.036 (5)', '.182 (28)', '.144 (7)', '.140'],
  kitti_00: ['.021 (5)', '.048 (12)', '.090 (5)', '.150'],
  'ladybug-49': ['', '.831 (34)', '', ''],
  'trafalgar-21': ['', '.251 (7)', '', ''],
}
