import { quantile } from "../measure/statistics.ts";
import { sharedMicroseconds } from "../targets/clock.ts";
import type { Crowd } from "./crowd.ts";
import { Meter, type Sample } from "./meter.ts";

/** Where `42["t",` ends, and the time begins. */
const TIME_AT = 7;
const LIMIT_MS = 10_000;
/** So that nobody's stream is at its end before the measuring is. */
const RESERVE = 1.2;

export interface TokensOptions {
  /** For each client. */
  readonly perSecond: number;
  /** Within so many all clients have asked, one after another, as people do. */
  readonly startSeconds: number;
  readonly seconds: number;
}

function readTime(bytes: Buffer, begin: number): number {
  let time = 0;
  for (let at = begin + TIME_AT; ; at += 1) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return time;
    time = time * 10 + digit;
  }
}

/** Every client asks for a stream; measured is while all of them run. */
export async function tokens(
  crowd: Crowd,
  { perSecond, startSeconds, seconds }: TokensOptions,
): Promise<Sample> {
  const { peers, tally } = crowd;
  const each = Math.ceil((startSeconds + seconds) * perSecond * RESERVE);
  const latencies: number[] = [];
  let isMeasuring = false;
  for (const peer of peers) {
    peer.onEvent = (bytes, begin) => {
      if (isMeasuring) latencies.push(sharedMicroseconds() - readTime(bytes, begin));
    };
  }
  const all = tally.next(each * peers.length, (startSeconds + seconds) * 2_000 + LIMIT_MS);
  await spread(peers.length, startSeconds * 1_000, (index) =>
    peers[index]?.send(`42["tokens",${each},${perSecond}]`),
  );
  isMeasuring = true;
  const meter = new Meter(crowd.pid);
  await pause(seconds * 1_000);
  const sample = meter.read(latencies.length);
  isMeasuring = false;
  await all;
  for (const peer of peers) peer.onEvent = undefined;
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => quantile(latencies, share) / 1_000;
  return { ...sample, latency: { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) } };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Calls so often, evenly over that time. */
async function spread(count: number, ms: number, call: (index: number) => void): Promise<void> {
  const began = performance.now();
  for (let index = 0; index < count;) {
    const due = Math.ceil(Math.min(1, (performance.now() - began) / ms) * count);
    for (; index < due; index += 1) call(index);
    await pause(2);
  }
}
