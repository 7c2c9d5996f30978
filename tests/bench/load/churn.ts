import type { ClientKind } from "./link.ts";
import { Meter, type Sample } from "./meter.ts";
import { Peer } from "./peer.ts";
import { Tally } from "./tally.ts";

export interface ChurnOptions {
  readonly port: number;
  readonly pid: number;
  readonly count: number;
  readonly parallel: number;
}

/** One in turn after another: a port that was used is not free again at once, and an address has 28 000 of them. */
const ADDRESSES = 16;
const KINDS: readonly ClientKind[] = ["stock", "bowline"];
const LIMIT_MS = 10_000;

/** Connects, sends an event, gets its ack, and leaves. */
async function life({ port }: ChurnOptions, index: number): Promise<void> {
  const tally = new Tally();
  const kind = KINDS[index % KINDS.length] ?? "stock";
  const localAddress = `127.0.1.${1 + ((index >> 1) % ADDRESSES)}`;
  const peer = await Peer.open({ port, kind, transport: "websocket", tally, localAddress });
  const acked = tally.wait(LIMIT_MS, () => "an ack did not come");
  peer.onAck = () => tally.done();
  peer.send('420["echo","here"]');
  await acked;
  await peer.close();
}

/** So many come and go, every other one a client of Bowline; an operation is one. */
export async function churn(options: ChurnOptions): Promise<Sample> {
  const meter = new Meter(options.pid);
  let begun = 0;
  const some = async (): Promise<void> => {
    while (begun < options.count) await life(options, begun++);
  };
  await Promise.all(Array.from({ length: options.parallel }, some));
  return meter.read(begun);
}
