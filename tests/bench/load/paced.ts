import { sharedMicroseconds } from "../targets/clock.ts";
import type { Crowd } from "./crowd.ts";
import type { Timed } from "./meter.ts";

const LIMIT_MS = 10_000;

export interface PacedOptions {
  /** Of all clients together, who take turns. */
  readonly perSecond: number;
  readonly seconds: number;
  readonly bytes: number;
}

/**
 * Events with acks at a fixed rate, whether those before are answered or not: a server that stands still is not asked less.
 * What an ack took is counted from when its event was due.
 */
export async function paced(crowd: Crowd, { perSecond, seconds, bytes }: PacedOptions): Promise<Timed[]> {
  const { tally, peers, nextAckId } = crowd;
  const text = `["echo","${"x".repeat(bytes)}"]`;
  const count = Math.round(perSecond * seconds);
  const timed: Timed[] = [];
  const finished = tally.wait(seconds * 1_000 + LIMIT_MS, () => `${count - timed.length} acks did not come`);
  const waiting = peers.map(() => new Map<number, number>());
  for (const [index, peer] of peers.entries()) {
    peer.onAck = (id) => {
      const dueAt = waiting[index]?.get(id) ?? NaN;
      waiting[index]?.delete(id);
      timed.push({ dueAt, took: sharedMicroseconds() - dueAt });
      if (timed.length === count) tally.done();
    };
  }
  const beganAt = sharedMicroseconds();
  let sent = 0;
  const send = (): void => {
    const due = Math.min(count, Math.floor(((sharedMicroseconds() - beganAt) / 1e6) * perSecond) + 1);
    for (; sent < due; sent += 1) {
      const index = sent % peers.length;
      const id = nextAckId[index] ?? 0;
      nextAckId[index] = id + 1;
      waiting[index]?.set(id, beganAt + (sent / perSecond) * 1e6);
      peers[index]?.send(`42${id}${text}`);
    }
  };
  const timer = setInterval(send, 1);
  try {
    await finished;
  } finally {
    clearInterval(timer);
  }
  return timed;
}
