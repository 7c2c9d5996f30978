import type { Crowd } from "./crowd.ts";
import { acked } from "./echo.ts";
import { Meter, type Sample } from "./meter.ts";

const LIMIT_MS = 20_000;
const IN_FLIGHT = 4;

/** Each client joins so many rooms, in which nobody else is. */
export async function joinMany(crowd: Crowd, rooms: number): Promise<Sample> {
  const { tally, peers, nextAckId } = crowd;
  const meter = new Meter(crowd.pid);
  let open = peers.length;
  const all = tally.wait(LIMIT_MS, () => `${open} clients are not in their rooms`);
  for (const [index, peer] of peers.entries()) {
    const id = nextAckId[index] ?? 0;
    nextAckId[index] = id + 1;
    peer.onAck = () => {
      open -= 1;
      if (open === 0) tally.done();
    };
    peer.send(`42${id}["joinMany","${peer.id}-",${rooms}]`);
  }
  await all;
  return meter.read(peers.length * rooms);
}

/**
 * An operation is one `join` or one `leave`, with its ack. Each room is a new one: V8 keeps what was deleted from a Map in
 * the chain where its key was looked for until the whole Map is built anew, so that a few names that come and go all the
 * time cost the more the longer, up to five times as much in a Map of 100 000.
 */
export function joinAndLeave(crowd: Crowd, seconds: number): Promise<Sample> {
  return acked(crowd, {
    inFlight: IN_FLIGHT,
    seconds,
    request: (index, count) => {
      const room = `${crowd.peers[index]?.id ?? ""}-hop${Math.floor(count / 2)}`;
      return `["${count % 2 === 0 ? "join" : "leave"}","${room}"]`;
    },
  });
}

/** An operation is one event to one of the client's rooms, where it gets it. */
export async function emitToOne(crowd: Crowd, seconds: number): Promise<Sample> {
  const { tally, peers } = crowd;
  const data = "x".repeat(100);
  const until = performance.now() + seconds * 1_000;
  let sent = 0;
  let open = 0;
  const finished = tally.wait(seconds * 1_000 + LIMIT_MS, () => `${open} events did not come`);
  const meter = new Meter(crowd.pid);
  for (const peer of peers) {
    const request = peer.encode(`42["toRoom","${data}","${peer.id}-5"]`);
    const send = (): void => {
      sent += 1;
      open += 1;
      peer.write(request);
    };
    peer.onEvent = () => {
      open -= 1;
      if (performance.now() < until) send();
      else if (open === 0) tally.done();
    };
    peer.together(() => {
      for (let count = 0; count < IN_FLIGHT; count += 1) send();
    });
  }
  await finished;
  const sample = meter.read(sent);
  for (const peer of peers) peer.onEvent = undefined;
  return sample;
}
