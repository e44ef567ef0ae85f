/**
 * TypeScript to JavaScript that Node 20 runs. A program outside src/ (the command line app, an example, a benchmark) is
 * bundled from its entry; the library's doors stay imports, of the library as it is built.
 */
import { basename, dirname, join, relative, sep } from 'node:path'
import { build } from 'vite'
import { root } from './shell.mjs'

const source = join(root, 'src')

/**
 * Points imports of `src/<room>/index.ts` at `<library>/<room>/index.js`, where `library` is the built library as seen from
 * the bundle, and leaves `homeward/<room>` as it is: Node resolves it to the same files.
 */
function libraryStaysOutside(library) {
  return {
    name: 'library-stays-outside',
    enforce: 'pre',
    resolveId(id, importer) {
      if (/^homeward(\/\w+)?$/.test(id)) return { id, external: true }
      if (!importer || !id.startsWith('.')) return null
      const target = join(dirname(importer), id)
      if (!target.startsWith(source + sep)) return null
      const built = relative(source, target).split(sep).join('/').replace(/\.ts$/, '.js')
      return { id: `${library}/${built}`, external: true }
    },
  }
}

/**
 * Bundles `entry` and what it imports, packages included, into outDir/name.
 * @param library where the built library is, as seen from outDir
 * @returns the files of packages that went in
 */
export async function compile(
  entry,
  outDir,
  name,
  library = relative(outDir, join(root, 'dist')).split(sep).join('/'),
) {
  const { output } = await build({
    root: dirname(entry),
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    plugins: [libraryStaysOutside(library)],
    ssr: { noExternal: true },
    build: {
      ssr: entry,
      outDir,
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      rolldownOptions: {
        output: { format: 'es', entryFileNames: name, chunkFileNames: `${basename(name, '.js')}-[name].js` },
      },
    },
  })
  const modules = output.flatMap((chunk) => ('moduleIds' in chunk ? chunk.moduleIds : []))
  return modules.filter((id) => id.includes('node_modules'))
}
