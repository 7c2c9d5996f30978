import { type Decoder, type Frame, jsonCodec, type Packet } from "@bowline/protocol";
import type { ConnectionStateRecoveryOptions } from "../socket/recovery-options.ts";
import type { Recovery } from "../socket/recovery.ts";
import type { MemoryPeer } from "./memory-host.ts";
import { SocketWorld } from "./socket-world.ts";

/** A namespace with recovery. */
export class RecoveryWorld extends SocketWorld {
  constructor(recovery: ConnectionStateRecoveryOptions | boolean = true) {
    super({ recovery });
  }

  get recovery(): Recovery {
    return this.nsp._sessions as Recovery;
  }
}

/** What a client heard, without its offset. */
export type Heard = readonly unknown[];

/**
 * A client that does what socket.io-client 4.8.4 does for recovery: it sends back `pid` and its last offset, which is
 * the last part of the last event that wanted no answer, if that was a string.
 */
export class RecoveryClient {
  readonly #world: RecoveryWorld;
  #decoder: Decoder = jsonCodec().decoder();
  peer: MemoryPeer | undefined;
  id: string | undefined;
  pid: string | undefined;
  offset: string | undefined;
  recovered = false;
  connected = false;
  /** The server answered CONNECT. */
  onConnect: (() => void) | undefined;
  /** The server sent it away. */
  onDisconnect: (() => void) | undefined;
  /** Everything on the wire, since the last look. */
  frames: Frame[] = [];
  /** The data of events, as they came. */
  events: unknown[][] = [];

  constructor(world: RecoveryWorld) {
    this.#world = world;
  }

  /** A new link, whatever became of the last one, and CONNECT. */
  async connect(): Promise<this> {
    this.peer = await this.#world.link();
    this.#decoder = jsonCodec().decoder();
    this.connected = false;
    this.peer.receive(
      this.pid === undefined ? "40" : `40${JSON.stringify({ pid: this.pid, offset: this.offset })}`,
    );
    this.read();
    return this;
  }

  /** Takes what came; the rest, if it is to take less, is lost. */
  read(most: number = Infinity): this {
    for (const frame of (this.peer?.takeSent() ?? []).slice(0, most)) {
      this.frames.push(frame);
      if (frame === "2") this.peer?.receive("3");
      if (typeof frame === "string" && !frame.startsWith("4")) continue;
      const packet = this.#decoder.push(typeof frame === "string" ? frame.slice(1) : frame);
      if (packet) this.#take(packet);
    }
    return this;
  }

  /** What comes is lost, and the server does not know. */
  loseLink(most?: number): MemoryPeer | undefined {
    this.read(most);
    const { peer } = this;
    this.peer = undefined;
    this.connected = false;
    return peer;
  }

  /** The link breaks, and the server is told. */
  cut(most?: number): this {
    this.loseLink(most)?.drop();
    return this;
  }

  /** Events since the last look, without offsets. */
  heard(): Heard[] {
    this.read();
    return this.events.splice(0).map((data) => data.slice(0, -1));
  }

  #take(packet: Packet): void {
    if (packet.type === "connect") {
      const { sid, pid } = packet.data as { sid: string; pid?: string };
      this.recovered = pid !== undefined && pid === this.pid;
      this.id = sid;
      this.pid = pid;
      this.connected = true;
      this.onConnect?.();
    } else if (packet.type === "event") {
      const last = packet.data.at(-1);
      if (this.pid !== undefined && packet.id === undefined && typeof last === "string") this.offset = last;
      this.events.push([...packet.data]);
    } else if (packet.type === "disconnect") {
      this.connected = false;
      this.onDisconnect?.();
    }
  }
}
