import { io as ourClient } from "@bowline/client";
import { io as stockClient } from "socket.io-client";
import { FaultProxy, type Link } from "../../faults/proxy.ts";
import type { Bench } from "../bench.ts";
import type { Contestant } from "../contestants.ts";
import type { Workload } from "./workload.ts";

const LIMIT_MS = 20_000;
/** Fewer than elsewhere: it is the proxy's delay that is counted, and there is little chance in it. */
const ROUNDS = 3;

/** With whose client whose server is met, by the names of contestants. */
const CLIENTS: Readonly<Record<string, typeof stockClient>> = {
  "socketio-ws": stockClient,
  "socketio-uws": stockClient,
  "bowline-node+own": ourClient as unknown as typeof stockClient,
  "bowline-uws+own": ourClient as unknown as typeof stockClient,
};

/** What TCP's own handshake costs over that distance: what the client writes at once is written a round trip later. */
function delayHandshake(link: Link, delayMs: number): void {
  link.delay(3 * delayMs, "up");
  setTimeout(() => link.delay(delayMs, "up"), 2 * delayMs);
}

/** Milliseconds from `io(url)` to the first event. The proxy is a new one each time, so nobody knows the way already. */
async function firstEvent(connect: typeof stockClient, port: number, delayMs: number): Promise<number> {
  const proxy = await FaultProxy.to(port);
  proxy.delay(delayMs);
  proxy.onLink = (link) => delayHandshake(link, delayMs);
  const began = performance.now();
  const socket = connect(proxy.url, { forceNew: true });
  try {
    return await new Promise<number>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no event in ${LIMIT_MS} ms`)), LIMIT_MS);
      socket.on("hello", () => {
        clearTimeout(timer);
        resolve(performance.now() - began);
      });
    });
  } finally {
    socket.disconnect();
    await proxy.close();
  }
}

async function measure(bench: Bench, contestant: Contestant, connect: typeof stockClient): Promise<void> {
  const { port } = await bench.start(contestant, "hello");
  const rounds = Math.min(ROUNDS, bench.scale.rounds);
  for (const delay of bench.scale.delays) {
    await firstEvent(connect, port, 0); // what is done once in a process is done
    for (let round = 0; round < rounds; round += 1) {
      const ms = await firstEvent(connect, port, delay);
      const row = {
        id: `first-event.${delay}`,
        label: `first event, ${delay} ms one way`,
        unit: "ms",
      } as const;
      bench.results.add(row, contestant, ms);
    }
  }
  await bench.stopServers();
}

export const firstEventWorkload: Workload = {
  name: "first-event",
  title: "from io(url) to the first event, through a proxy that delays, TCP's handshakes included",
  async run(bench) {
    for (const contestant of bench.contestants) {
      const connect = CLIENTS[contestant.name];
      if (connect) await measure(bench, contestant, connect);
    }
  },
};
