import type { Crowd } from "./crowd.ts";
import { Meter, type Sample } from "./meter.ts";

const LIMIT_MS = 10_000;

export interface AckedOptions {
  /** Of each client. */
  readonly inFlight: number;
  readonly seconds: number;
  /** What a client sends behind the id of the ack: `["echo","data"]`. It is told how many it has sent. */
  readonly request: (peer: number, count: number) => string;
}

/** Each client has so many requests that wait for their acks, and sends the next when one comes. */
export async function acked(crowd: Crowd, { inFlight, seconds, request }: AckedOptions): Promise<Sample> {
  const { tally } = crowd;
  const meter = new Meter(crowd.pid);
  const until = performance.now() + seconds * 1_000;
  const before = tally.acks;
  let sent = 0;
  let open = 0;
  const finished = tally.wait(seconds * 1_000 + LIMIT_MS, () => `${open} acks did not come`);
  for (const [index, peer] of crowd.peers.entries()) {
    const send = (): void => {
      const id = crowd.nextAckId[index] ?? 0;
      crowd.nextAckId[index] = id + 1;
      sent += 1;
      open += 1;
      peer.send(`42${id}${request(index, id)}`);
    };
    peer.onAck = () => {
      open -= 1;
      if (performance.now() < until) send();
      else if (open === 0) tally.done();
    };
    peer.together(() => {
      for (let count = 0; count < inFlight; count += 1) send();
    });
  }
  await finished;
  const sample = meter.read(sent);
  if (tally.acks - before !== sent) throw new Error(`${tally.acks - before} acks for ${sent} requests`);
  return sample;
}

export interface EchoOptions {
  readonly inFlight: number;
  readonly seconds: number;
  readonly bytes: number;
}

export function echo(crowd: Crowd, { inFlight, seconds, bytes }: EchoOptions): Promise<Sample> {
  const request = `["echo","${"x".repeat(bytes)}"]`;
  return acked(crowd, { inFlight, seconds, request: () => request });
}
