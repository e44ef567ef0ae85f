/**
 * plot: pictures of problems, before and after, as SVG text and PNG bytes. Read `picture.ts` first: it lays out the
 * page; `scene.ts` reads a graph, `view.ts` looks at it, `panel.ts` draws it, `charts.ts` holds the two charts.
 */
export { graphPicture, type PictureInput } from './picture.ts'
export { assets, toPng } from './png.ts'
export { type WorkPictureInput, workPicture } from './work-picture.ts'
