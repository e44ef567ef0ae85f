import { Arena, type GrowableMemory } from '../arena.ts'
import { decodeBase64 } from './base64.ts'
import { kernelModule } from './generated/kernels.ts'

/** Whether the WebAssembly kernels run on this engine, and if not, why. */
export interface BackendProbe {
  readonly simd: boolean
  /** A sentence part for reports: 'WebAssembly SIMD', or why there is none. */
  readonly reason: string
}

/** The kernels of the module by name (pointers and sizes in, a number out), and the memory they work on. */
export interface Kernels {
  readonly functions: Readonly<Record<string, (...args: number[]) => number>>
  readonly arena: Arena
}

/** The part of the WebAssembly interface used here, which neither ES nor this project's types declare. */
interface WebAssemblyInterface {
  validate(bytes: Uint8Array): boolean
  Memory: new (descriptor: { initial: number; maximum: number }) => GrowableMemory
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object, imports: object) => { exports: Record<string, unknown> }
}

/** The module's own data end below this address; scripts/build-wasm.mjs puts them from 1024 upwards. */
const BASE = 4096
/** 64 MB of addresses; memory is taken as it is touched. Growth detaches views, after which engines check every access to one. */
const INITIAL_PAGES = 1024
/** 4 GB, all that 32-bit addresses reach. */
const MAXIMUM_PAGES = 65536

/** A module of one function, () → v128: i32.const 0, i8x16.splat, i8x16.popcnt. Cheaper to validate than all kernels. */
const SIMD_PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0], // magic and version
  ...[1, 5, 1, 96, 0, 1, 123], // type: () → v128
  ...[3, 2, 1, 0], // one function of that type
  ...[10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11], // its code
)

let loaded: { readonly probe: BackendProbe; readonly kernels: Kernels | null } | null = null

/** Whether the WebAssembly kernels run here. Compiles them at the first call. */
export function probe(): BackendProbe {
  loaded ??= load()
  return loaded.probe
}

/** The kernels, or null where they cannot run: {@link probe} says why. */
export function kernels(): Kernels | null {
  loaded ??= load()
  return loaded.kernels
}

function load(): { probe: BackendProbe; kernels: Kernels | null } {
  const engine = (globalThis as { WebAssembly?: WebAssemblyInterface }).WebAssembly
  const without = (reason: string) => ({ probe: { simd: false, reason }, kernels: null })
  if (!engine) return without('no WebAssembly')
  if (!engine.validate(SIMD_PROBE)) return without('WebAssembly without SIMD')
  try {
    const bytes = decodeBase64(kernelModule)
    const memory = new engine.Memory({ initial: INITIAL_PAGES, maximum: MAXIMUM_PAGES })
    const { exports } = new engine.Instance(new engine.Module(bytes), { env: { memory } })
    const functions = exports as Kernels['functions']
    return { probe: { simd: true, reason: 'WebAssembly SIMD' }, kernels: { functions, arena: new Arena(memory, BASE) } }
  } catch (error) {
    // A content security policy may forbid compilation, a full address space the memory.
    return without(`WebAssembly refused: ${error instanceof Error ? error.message : String(error)}`)
  }
}
