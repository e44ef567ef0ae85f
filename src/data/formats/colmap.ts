import type { ReadOptions } from '../source.ts'
import { peek } from '../text/index.ts'
import { readBinaryModel } from './colmap-binary.ts'
import { type ColmapModel, type ColmapSources, checkModel } from './colmap-model.ts'
import { readTextModel } from './colmap-text.ts'

/**
 * Reads a COLMAP model (J. L. Schönberger, J.-M. Frahm, "Structure-from-Motion Revisited", CVPR 2016): cameras, images and
 * points3D, .txt or .bin, recognised by their bytes.
 * @param options `name` is the folder, for messages
 * @throws InputError for damaged files and for ids that lead nowhere or come twice
 */
export async function readColmap(sources: ColmapSources, options: ReadOptions = {}): Promise<ColmapModel> {
  const { head, source: cameras } = await peek(sources.cameras, 8)
  // A binary file begins with a count in 64 bits, whose upper bytes are zero: no text has such bytes.
  const binary = head.includes(0)
  const model = await (binary ? readBinaryModel : readTextModel)({ ...sources, cameras }, options)
  checkModel(model, options.name ?? 'model')
  return model
}
