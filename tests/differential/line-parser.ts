type Listener = (packet: unknown) => void;

/** A packet is a line of JSON; as small as a parser for Socket.IO can be. */
export function jsonLines(): { Encoder: new () => object; Decoder: new () => object } {
  class Encoder {
    encode(packet: unknown): string[] {
      return [JSON.stringify(packet)];
    }
  }
  class Decoder {
    readonly #listeners = new Map<string, Listener[]>();
    on(event: string, listener: Listener): this {
      this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
      return this;
    }
    off(event: string): this {
      this.#listeners.delete(event);
      return this;
    }
    add(chunk: string): void {
      for (const listener of this.#listeners.get("decoded") ?? []) listener(JSON.parse(chunk));
    }
    emit(event: string, packet: unknown): void {
      for (const listener of this.#listeners.get(event) ?? []) listener(packet);
    }
    destroy(): void {
      this.#listeners.clear();
    }
    removeListener(event: string): this {
      return this.off(event);
    }
  }
  return { Encoder, Decoder };
}
