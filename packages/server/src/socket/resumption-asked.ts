/** The answers that one socket waits for: by id, how many counted events its client must have to know of the question. */
export class Asked {
  readonly #counts = new Map<number, number>();

  add(id: number, count: number): void {
    this.#counts.set(id, count);
  }

  remove(id: number): void {
    this.#counts.delete(id);
  }

  /** Those whose question a client with so many events has. */
  upTo(count: number): number[] {
    return this.#ids((one) => one <= count);
  }

  /** Those whose question it does not have. */
  behind(count: number): number[] {
    return this.#ids((one) => one > count);
  }

  #ids(isMeant: (count: number) => boolean): number[] {
    return [...this.#counts].filter(([, count]) => isMeant(count)).map(([id]) => id);
  }
}
