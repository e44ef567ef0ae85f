/**
 * TypeScript to JavaScript that Node 20 runs. A program outside src/ (the command line app, an example, a benchmark) is
 * bundled from its entry; the library's doors stay imports, of the library as it is built.
 */
import { basename, dirname, join, relative, sep } from 'node:path'
import { build } from 'vite'
import { root } from './shell.mjs'

const source = join(root, 'src')

/**
 * Points imports of `src/<room>/index.ts` at `dist/<room>/index.js`, seen from the folder that the bundle is written to,
 * and leaves `homeward/<room>` as it is: Node resolves it to the same files.
 */
function libraryStaysOutside(outDir) {
  return {
    name: 'library-stays-outside',
    enforce: 'pre',
    resolveId(id, importer) {
      if (/^homeward(\/\w+)?$/.test(id)) return { id, external: true }
      if (!importer || !id.startsWith('.')) return null
      const target = join(dirname(importer), id)
      if (!target.startsWith(source + sep)) return null
      const built = join(root, 'dist', relative(source, target).replace(/\.ts$/, '.js'))
      return { id: relative(outDir, built).split(sep).join('/'), external: true }
    },
  }
}

/** Bundles `entry` and what it imports into outDir/name; packages are bundled too unless they are `external`. */
export async function compile(entry, outDir, name, { external = [] } = {}) {
  await build({
    root: dirname(entry),
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    plugins: [libraryStaysOutside(outDir)],
    ssr: { noExternal: true },
    build: {
      ssr: entry,
      outDir,
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      rolldownOptions: {
        external,
        output: { format: 'es', entryFileNames: name, chunkFileNames: `${basename(name, '.js')}-[name].js` },
      },
    },
  })
}
