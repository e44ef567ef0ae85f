import { describe, expect, it } from 'vitest'
import { SE3 } from '../geometry/index.ts'
import { sequenceWindow, stereoCamera } from './sequence-window.ts'

describe('a sequence through rooms', () => {
  const frames = [...sequenceWindow({ frames: 200, seed: 3, pixelNoise: 0 })]

  it('gives the same frames for the same seed, others for another', () => {
    expect([...sequenceWindow({ frames: 200, seed: 3, pixelNoise: 0 })]).toEqual(frames)
    expect([...sequenceWindow({ frames: 2, seed: 4 })][1].pixels).not.toEqual(frames[1].pixels)
  })

  it('moves within its limits, and goes somewhere', () => {
    const delta = new Float64Array(6)
    let way = 0
    for (let i = 1; i < frames.length; i++) {
      SE3.local(frames[i - 1].worldFromCamera, 0, frames[i].worldFromCamera, 0, delta, 0)
      const metres = Math.hypot(delta[0], delta[1], delta[2])
      way += metres
      expect(metres).toBeLessThan(0.9 * 0.1 * 1.15) // the camera nods a little besides
      expect(Math.hypot(delta[3], delta[4], delta[5])).toBeLessThan(1 * 0.1 + 0.02)
    }
    expect(way).toBeGreaterThan(8)
  })

  it('sees the wanted number of points; what is seen twice is one place, and what is near is left out', () => {
    const { fx, fy, cx, cy, baseline } = stereoCamera
    const places = new Map<number, Float64Array>()
    let again = 0
    for (const { worldFromCamera, tracks, pixels } of frames) {
      expect(tracks.length).toBe(28)
      tracks.forEach((track, o) => {
        const [left, right, v] = pixels.subarray(3 * o)
        const depth = (fx * baseline) / (left - right)
        expect(depth).toBeGreaterThan(0.4)
        const place = Float64Array.of(((left - cx) / fx) * depth, ((v - cy) / fy) * depth, depth)
        SE3.act(worldFromCamera, 0, place, 0, place, 0)
        const before = places.get(track)
        // Depth by disparity: z²/(f b) times the rounding of a pixel coordinate near 700, squared scale below 200.
        if (before) expect(Math.hypot(...place.map((x, k) => x - before[k]))).toBeLessThan(200 * 700 * 2 ** -52)
        else places.set(track, place)
        if (before) again++
      })
    }
    expect(again / (frames.length * 28)).toBeGreaterThan(0.7)
    expect(again / (frames.length * 28)).toBeLessThan(0.86)
  })

  it('marks what is wrong', () => {
    let wrong = 0
    let all = 0
    const clean = [...sequenceWindow({ frames: 50, pixelNoise: 0 })]
    for (const { index, pixels, wrong: marks } of sequenceWindow({ frames: 50, pixelNoise: 0, outliers: 0.1 })) {
      marks.forEach((mark, o) => {
        const moved = Math.abs(pixels[3 * o] - clean[index].pixels[3 * o])
        if (mark) expect(moved).toBeGreaterThanOrEqual(5 - 1e-9)
        else expect(moved).toBe(0)
        wrong += mark
        all++
      })
    }
    expect(wrong / all).toBeCloseTo(0.1, 1)
  })

  it('says what is expected', () => {
    expect(() => sequenceWindow({ frames: 0 }).next()).toThrow('frames must be')
    expect(() => sequenceWindow({ rate: 1 }).next()).toThrow('at least 2 frames')
  })
})
