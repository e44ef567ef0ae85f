import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { decodeBase64, decodeDigits } from './base64.ts'
import { kernels, probe } from './module.ts'

describe('decodeBase64', () => {
  it('gives back the bytes, whatever line ends are among the digits', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.integer({ min: 1, max: 9 }), (bytes, width) => {
        const text = Buffer.from(bytes)
          .toString('base64')
          .replace(new RegExp(`.{${width}}`, 'g'), '$&\n')
        expect([...decodeBase64(text)]).toEqual([...bytes])
        expect([...decodeDigits(text)]).toEqual([...bytes])
      }),
    )
  })
})

describe('the WebAssembly kernels', () => {
  it('run on every Node that this project runs on', () => {
    expect(probe()).toEqual({ simd: true, reason: 'WebAssembly SIMD' })
    expect(Object.keys(kernels()?.functions ?? {})).toContain('multiply_fp16_fp16_fp32')
  })

  it.each([
    ['there is none', undefined, 'no WebAssembly'],
    ['it has no SIMD', { validate: (): boolean => false }, 'WebAssembly without SIMD'],
    [
      'it may not be compiled',
      {
        validate: (): boolean => true,
        Memory: class {
          buffer = new ArrayBuffer(65536)
        },
        Module: class {
          constructor() {
            throw new Error('blocked by policy')
          }
        },
      },
      'WebAssembly refused: blocked by policy',
    ],
  ])('are missed with a reason where %s', async (_, engine, reason) => {
    vi.stubGlobal('WebAssembly', engine)
    vi.resetModules()
    try {
      const fresh = await import('./module.ts')
      expect(fresh.probe()).toEqual({ simd: false, reason })
      expect(fresh.kernels()).toBeNull()
    } finally {
      vi.unstubAllGlobals()
      vi.resetModules()
    }
  })
})
