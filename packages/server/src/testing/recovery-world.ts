import type { Packet } from "@bowline/protocol";
import type { ConnectionStateRecoveryOptions } from "../socket/recovery-options.ts";
import type { Recovery } from "../socket/recovery.ts";
import { type Heard, LinkClient } from "./link-client.ts";
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

/**
 * A client that does what socket.io-client 4.8.4 does for recovery: it sends back `pid` and its last offset, which is
 * the last part of the last event that wanted no answer, if that was a string.
 */
export class RecoveryClient extends LinkClient {
  id: string | undefined;
  pid: string | undefined;
  offset: string | undefined;
  recovered = false;
  connected = false;
  /** The server answered CONNECT. */
  onConnect: (() => void) | undefined;
  /** The server sent it away. */
  onDisconnect: (() => void) | undefined;
  /** The data of events, as they came. */
  events: unknown[][] = [];

  constructor(world: RecoveryWorld) {
    super(() => world.link());
  }

  /** A new link, whatever became of the last one, and CONNECT. */
  async connect(): Promise<this> {
    const peer = await this.open();
    this.connected = false;
    peer.receive(
      this.pid === undefined ? "40" : `40${JSON.stringify({ pid: this.pid, offset: this.offset })}`,
    );
    this.read();
    return this;
  }

  override loseLink(most?: number): MemoryPeer | undefined {
    const peer = super.loseLink(most);
    this.connected = false;
    return peer;
  }

  /** Events since the last look, without offsets. */
  heard(): Heard[] {
    this.read();
    return this.events.splice(0).map((data) => data.slice(0, -1));
  }

  protected override take(packet: Packet): void {
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
