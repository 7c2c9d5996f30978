import type { ClientKind, TransportName } from "./link.ts";
import { Meter, type Sample } from "./meter.ts";
import { Peer } from "./peer.ts";
import { Tally } from "./tally.ts";

export interface CrowdOptions {
  readonly port: number;
  /** The server's process. */
  readonly pid: number;
  readonly kind: ClientKind;
  readonly transport: TransportName;
  readonly count: number;
}

/** How many handshakes are under way at the same time. */
const PARALLEL = 64;

/** To one port an address can connect as often as half of its ports are many, 14 000 times, before each search for a free one is long. */
const FROM_ONE_ADDRESS = 5_000;

/** Where the clients come from; no two servers, who have different ports, share an address. */
function addressOf(port: number, index: number): string {
  return `127.1.${port % 256}.${1 + Math.floor(index / FROM_ONE_ADDRESS)}`;
}

/** The opening is measured in steps of so many. */
const STEP = 1_000;

/** Clients of one server, and what they got together. */
export class Crowd {
  readonly tally = new Tally();
  readonly peers: Peer[] = [];
  readonly pid: number;
  /** The next ack id of each, since a client never uses one twice. */
  readonly nextAckId: number[] = [];
  #turn = 0;

  private constructor(pid: number) {
    this.pid = pid;
  }

  /** Returns what each thousand of clients cost to open, too. */
  static async open(options: CrowdOptions): Promise<{ crowd: Crowd; steps: Sample[] }> {
    const crowd = new Crowd(options.pid);
    const steps: Sample[] = [];
    while (crowd.peers.length < options.count) {
      const meter = new Meter(options.pid);
      const wanted = Math.min(STEP, options.count - crowd.peers.length);
      await crowd.#add(options, wanted);
      steps.push(meter.read(wanted));
    }
    return { crowd, steps };
  }

  async #add({ port, kind, transport }: CrowdOptions, count: number): Promise<void> {
    let left = count;
    const one = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        const localAddress = addressOf(port, this.peers.length + left);
        this.peers.push(await Peer.open({ port, kind, transport, tally: this.tally, localAddress }));
        this.nextAckId.push(0);
      }
    };
    await Promise.all(Array.from({ length: Math.min(PARALLEL, count) }, one));
  }

  /** Each in turn. */
  take(): Peer {
    const peer = this.peers[this.#turn % this.peers.length];
    this.#turn += 1;
    if (!peer) throw new Error("nobody is connected");
    return peer;
  }

  async close(): Promise<void> {
    await Promise.all(this.peers.map((peer) => peer.close()));
  }
}
