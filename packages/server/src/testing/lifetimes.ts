/** Where a double notes that something was used outside of its life. */
export interface Lifetimes {
  readonly violations: string[];
}

/** Hands out memory for the length of a call; whoever kept it holds an empty, detached buffer afterwards. */
export function lend(bytes: Uint8Array, use: (memory: ArrayBuffer) => void): void {
  const memory = new ArrayBuffer(bytes.byteLength);
  new Uint8Array(memory).set(bytes);
  try {
    use(memory);
  } finally {
    structuredClone(memory, { transfer: [memory] });
  }
}
