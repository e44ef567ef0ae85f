import type { Node } from './node.ts'

/** How often each node is used by the outputs and by the nodes that they need. */
export function countUses(outputs: readonly Node[]): Map<Node, number> {
  const uses = new Map<Node, number>()
  const visit = (node: Node): void => {
    const before = uses.get(node) ?? 0
    uses.set(node, before + 1)
    if (before === 0) node.args.forEach(visit)
  }
  outputs.forEach(visit)
  return uses
}

/**
 * Statements in the order of need: nodes used more than once get a name when they are first met, the others are written
 * where they are used. `text` writes a node whose arguments are written already.
 */
export class Schedule {
  readonly lines: string[] = []
  private readonly uses: ReadonlyMap<Node, number>
  private readonly text: (node: Node, args: readonly string[]) => string
  /** `text` for a statement of its own. */
  private readonly bare: (text: string) => string
  private readonly names = new Map<Node, string>()

  constructor(
    uses: ReadonlyMap<Node, number>,
    text: (node: Node, args: readonly string[]) => string,
    bare = (text: string): string => text,
  ) {
    this.bare = bare
    this.uses = uses
    this.text = text
  }

  /** The node as an operand of what comes next; what it needs is among the lines. */
  write(node: Node): string {
    const named = this.names.get(node)
    if (named) return named
    const text = this.text(
      node,
      node.args.map((arg) => this.write(arg)),
    )
    if (node.op === 'constant' || (this.uses.get(node) ?? 0) < 2) return text
    const name = `t${this.names.size}`
    this.names.set(node, name)
    this.lines.push(`const ${name} = ${this.bare(text)}`)
    return name
  }
}
