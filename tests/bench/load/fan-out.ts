import type { Crowd } from "./crowd.ts";
import { Meter, type Sample } from "./meter.ts";
import type { Peer } from "./peer.ts";

const LIMIT_MS = 20_000;

/** Who gets it: see targets/app.ts. */
export type Shape = "broadcast" | "room" | "socketBroadcast" | "except" | "multi" | "direct";

export interface FanOutOptions {
  readonly shape: Shape;
  /** So many clients ask at once; when all of it has arrived everywhere, the next do. */
  readonly inFlight: number;
  readonly bytes: number;
  readonly isBinary: boolean;
  readonly seconds: number;
}

/**
 * A server that is woken by the first of many requests has answered it, or not, when the second arrives: what one write
 * carries would be chance, and cost twice as much as in the turn before. So it stands still until all are there.
 */
function whileHeld(pid: number, write: () => void): void {
  process.kill(pid, "SIGSTOP");
  try {
    write();
  } finally {
    process.kill(pid, "SIGCONT");
  }
}

function receiversOf(shape: Shape, count: number): number {
  if (shape === "direct") return 1;
  return shape === "socketBroadcast" || shape === "except" ? count - 1 : count;
}

/** What a client of the crowd writes to ask for it. */
function requests(crowd: Crowd, { shape, bytes, isBinary }: FanOutOptions): (sender: Peer) => Buffer {
  const data = "x".repeat(bytes);
  if (shape === "direct") return (sender) => sender.encode(`42["direct","${data}","${crowd.take().id}"]`);
  const [first] = crowd.peers;
  if (!first) throw new Error("nobody is connected");
  const encoded = isBinary
    ? first.encode(`451-["${shape}",{"_placeholder":true,"num":0}]`, Buffer.alloc(bytes, 7))
    : first.encode(`42["${shape}","${data}"]`);
  return () => encoded;
}

/** An operation is one delivery: to 1 000 receivers, a thousand of each request. */
export async function fanOut(crowd: Crowd, options: FanOutOptions): Promise<Sample> {
  const { shape, inFlight, seconds } = options;
  const { tally } = crowd;
  const receivers = receiversOf(shape, crowd.peers.length);
  const request = requests(crowd, options);
  const before = tally.events;
  const meter = new Meter(crowd.pid);
  const until = performance.now() + seconds * 1_000;
  let bursts = 0;
  do {
    const arrived = tally.next(inFlight * receivers, LIMIT_MS);
    const ask = (): void => {
      for (let count = 0; count < inFlight; count += 1) {
        const sender = crowd.take();
        sender.write(request(sender));
      }
    };
    if (inFlight > 1 && receivers > 1) whileHeld(crowd.pid, ask);
    else ask();
    await arrived;
    bursts += 1;
  } while (performance.now() < until);
  const deliveries = bursts * inFlight * receivers;
  const sample = meter.read(deliveries);
  if (tally.events - before !== deliveries) {
    throw new Error(`${tally.events - before} deliveries instead of ${deliveries}`);
  }
  return sample;
}
