import { parseNist, type Source } from '../../src/data/index.ts'
import type { FuzzTarget } from './cases.ts'

/** A problem in NIST's layout: three observations of a line. */
export const smallNist = `NIST/ITL StRD
Dataset Name:  Line              (Line.dat)
Data:          1 Response  (y)
               Lower Level of Difficulty
Model:         Miscellaneous Class
               2 Parameters (b1 and b2)

               y  = b1+b2*x
                    +  e

          Starting values                  Certified Values

        Start 1     Start 2           Parameter     Standard Deviation
  b1 =    1           0.7          1.5E+00           1.2E-01
  b2 =    5           4            -3.25E-01         5.0E-02

Residual Sum of Squares:                    4.3E-03
Residual Standard Deviation:                3.2E-02
Degrees of Freedom:                                1
Number of Observations:                            3

Data:  y              x
      2.138E0        1.309E0
      3.421E0        1.471E0
      -.597E0        1490
`

/** The whole text of a source: this reader takes no streams. */
async function textOf(source: Source): Promise<string> {
  if (typeof source === 'string') return source
  const chunks: Uint8Array[] = []
  if (source instanceof Uint8Array) chunks.push(source)
  else for await (const chunk of source) chunks.push(chunk)
  return chunks.map((chunk) => Buffer.from(chunk).toString('latin1')).join('')
}

export const nistTargets: readonly FuzzTarget[] = [
  {
    name: 'nist',
    seeds: [smallNist],
    read: async (source) => {
      const { observations } = parseNist(await textOf(source))
      for (const x of observations) if (!Number.isFinite(x)) throw new Error(`a number that was read is ${x}`)
    },
  },
]
