import { type Decoder, type Frame, jsonCodec, type Packet } from "@bowline/protocol";
import type { MemoryPeer } from "./memory-host.ts";

/** Events of the application, as they came. */
export type Heard = readonly unknown[];

/** A client of one namespace whose links a test makes and breaks; what it makes of the packets is for others to say. */
export abstract class LinkClient {
  readonly #link: () => Promise<MemoryPeer>;
  #decoder: Decoder = jsonCodec().decoder();
  peer: MemoryPeer | undefined;
  /** What came over the wire for the socket layer, since the last look. */
  frames: Frame[] = [];

  constructor(link: () => Promise<MemoryPeer>) {
    this.#link = link;
  }

  /** A new link, whatever became of the last one. */
  protected async open(): Promise<MemoryPeer> {
    this.peer = await this.#link();
    this.#decoder = jsonCodec().decoder();
    return this.peer;
  }

  /** Takes what came; the rest, if it is to take less, is lost. */
  read(most: number = Infinity): this {
    for (const frame of (this.peer?.takeSent() ?? []).slice(0, most)) {
      if (frame === "2") this.peer?.receive("3");
      if (typeof frame === "string" && !frame.startsWith("4")) continue;
      this.frames.push(frame);
      const packet = this.#decoder.push(typeof frame === "string" ? frame.slice(1) : frame);
      if (packet) this.take(packet);
    }
    return this;
  }

  /** What comes is lost, and the server does not know. */
  loseLink(most?: number): MemoryPeer | undefined {
    this.read(most);
    const { peer } = this;
    this.peer = undefined;
    return peer;
  }

  /** The link breaks, and the server is told. */
  cut(most?: number): this {
    this.loseLink(most)?.drop();
    return this;
  }

  protected abstract take(packet: Packet): void;
}
