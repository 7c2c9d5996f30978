import type { Bench, Entrant } from "../bench.ts";
import type { Contestant } from "../contestants.ts";
import type { Sample } from "../load/meter.ts";
import { type Meanwhile, meanwhile } from "../measure/meanwhile.ts";
import { median, quantile } from "../measure/statistics.ts";
import type { Unit } from "../results.ts";
import type { Workload } from "./workload.ts";

const BROADCAST = { shape: "broadcast", inFlight: 1, bytes: 100, isBinary: false, seconds: 0 } as const;
/** From one broadcast to the next, in measurements of the usual length. */
const EVERY = 2;
const WARM_UP = 2;

/** Those who go on meanwhile: so many, each so often. They are in the namespace too, and get the broadcasts behind the rest. */
const OTHERS = 50;
const ACKS = { perSecond: 1_000, bytes: 100 } as const;

interface Measured {
  /** The loop's longest delay during each broadcast. */
  readonly longestMs: number[];
  /** From when it was asked for until the last had it. */
  readonly broadcasts: Sample[];
}

interface Broadcasts {
  readonly times: number;
  readonly everyMs: number;
}

async function broadcast(
  { generator, server, crowd }: Entrant,
  { times, everyMs }: Broadcasts,
): Promise<Measured> {
  const measured: Measured = { longestMs: [], broadcasts: [] };
  for (let count = 0; count < times; count += 1) {
    const next = performance.now() + everyMs;
    const longest = await server.longestDelayDuring(async () => {
      measured.broadcasts.push(await generator.one({ do: "fanOut", crowd, options: BROADCAST }));
    });
    measured.longestMs.push(longest);
    await new Promise((resolve) => setTimeout(resolve, next - performance.now()));
  }
  return measured;
}

async function measure(bench: Bench, contestant: Contestant): Promise<void> {
  const { scale } = bench;
  // Its generator is its own, since that ends with all its connections at once.
  const generator = await bench.anotherGenerator();
  const entrant = await bench.enter(contestant, { count: scale.idleConnections, generator });
  const others = await bench.anotherGenerator();
  const {
    crowd,
    server: { port, pid },
  } = entrant;
  const options = { port, pid, kind: contestant.client, transport: "websocket", count: OTHERS } as const;
  await others.all({ do: "open", crowd, options });
  const everyMs = scale.seconds * EVERY * 1_000;
  await broadcast(entrant, { times: WARM_UP, everyMs });
  const seconds = (scale.broadcasts * everyMs) / 1_000;
  const [measured, timed] = await Promise.all([
    broadcast(entrant, { times: scale.broadcasts, everyMs }),
    others.paced(crowd, { ...ACKS, seconds }),
  ]);
  add(bench, contestant, measured, meanwhile(timed, measured.broadcasts));
  await bench.stopServers();
}

function add(
  { results, scale }: Bench,
  contestant: Contestant,
  { longestMs, broadcasts }: Measured,
  { tookMs, answered }: Meanwhile,
): void {
  const row = (id: string, label: string, value: number, unit: Unit = "ms"): void =>
    results.add({ id: `loop-delay.${id}`, label, unit }, contestant, value);
  const delays = longestMs.toSorted((a, b) => a - b);
  const to = scale.idleConnections;
  row("p50", `loop's delay in a broadcast to ${to}, p50`, median(delays));
  row("p99", `… p99 of ${delays.length} broadcasts`, quantile(delays, 0.99));
  row("seconds", "… until the last has it, p50", median(broadcasts.map(({ seconds }) => seconds * 1_000)));
  const cpu = broadcasts.map(({ serverMicroseconds }) => serverMicroseconds / 1_000);
  row("cpu", "… server's CPU until then, p50", median(cpu));
  row("ack.p50", "… an ack meanwhile, p50", quantile(tookMs, 0.5));
  row("ack.p99", "… an ack meanwhile, p99", quantile(tookMs, 0.99));
  row("ack.count", "… acks asked for meanwhile", tookMs.length, "");
  row("ack.answered", "… answered before the last had it", (answered / tookMs.length) * 100, "%");
}

export const loopDelay: Workload = {
  name: "loop-delay",
  title: `event loop's delay, a broadcast of ${BROADCAST.bytes} B after the other, ${ACKS.perSecond} acks/s of ${OTHERS} others`,
  async run(bench) {
    // One after another: a generator has no room for the connections of two.
    for (const contestant of bench.contestants) {
      if (contestant.client === "stock") await measure(bench, contestant);
    }
  },
};
