import type { ClientKind } from "./link.ts";
import { Meter, type Sample } from "./meter.ts";
import { Peer } from "./peer.ts";
import { Tally } from "./tally.ts";

export interface ConnectOptions {
  readonly port: number;
  readonly pid: number;
  readonly kind: ClientKind;
  /** So many come and go at the same time. */
  readonly parallel: number;
  readonly seconds: number;
  /** Goes on until so many came and went, however long that takes. */
  readonly atLeast?: number;
}

/** An operation is a client's whole life: WebSocket, CONNECT, its answer, DISCONNECT, close. */
export async function connect({
  port,
  pid,
  kind,
  parallel,
  seconds,
  atLeast = 0,
}: ConnectOptions): Promise<Sample> {
  const meter = new Meter(pid);
  const until = performance.now() + seconds * 1_000;
  let done = 0;
  const one = async (): Promise<void> => {
    do {
      const peer = await Peer.open({ port, kind, transport: "websocket", tally: new Tally() });
      await peer.close();
      done += 1;
    } while (performance.now() < until || done < atLeast);
  };
  await Promise.all(Array.from({ length: parallel }, one));
  return meter.read(done);
}
