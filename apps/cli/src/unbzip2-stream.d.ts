/** What we use of unbzip2-stream 1.4.3, which ships no types: a `through` stream that answers each write at once. */
declare module 'unbzip2-stream' {
  interface Unbzip2 {
    write(chunk: Uint8Array): boolean
    end(): void
    on(event: 'data', listener: (chunk: Uint8Array) => void): this
    on(event: 'error', listener: (error: Error) => void): this
  }
  export default function unbzip2(): Unbzip2
}
