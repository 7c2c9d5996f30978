import { beforeAll, expect, test } from "vitest";
import { uwsMissing } from "../uws-app.ts";
import { Bench } from "./bench.ts";
import { build } from "./build.ts";
import { type Contestant, CONTESTANTS } from "./contestants.ts";
import type { Shape } from "./load/fan-out.ts";
import { judge } from "./report/aims.ts";
import { Results } from "./results.ts";
import { run } from "./run.ts";
import type { Scale } from "./scale.ts";
import { churn } from "./workloads/churn.ts";
import { echo } from "./workloads/echo.ts";
import { SHAPES } from "./workloads/fan-out.ts";
import { loopDelay } from "./workloads/loop-delay.ts";

const CLIENTS = 5;
const SECONDS = 0.01;
const BYTES = 300; // long enough for the longer kind of frame
const REQUEST = { inFlight: 3, bytes: BYTES, seconds: SECONDS };

const TINY: Scale = {
  rounds: 2,
  seconds: SECONDS,
  echoClients: CLIENTS,
  receivers: CLIENTS,
  httpClients: CLIENTS,
  idleConnections: CLIENTS,
  broadcasts: 2,
  earlier: 5,
  churned: 20,
  streams: CLIENTS,
  growth: [],
  rooms: [],
  delays: [],
};

const ABLE = CONTESTANTS.filter(({ host }) => host === "node" || uwsMissing === undefined);
if (uwsMissing) test.skip(`targets on ${uwsMissing}`, () => {});

beforeAll(build);

/** A bench, which is closed behind the test. */
async function withBench(
  contestants: readonly Contestant[],
  use: (bench: Bench) => Promise<void>,
): Promise<void> {
  const bench = await Bench.open({ contestants, scale: TINY, results: new Results() });
  try {
    await use(bench);
  } finally {
    await bench.close();
  }
}

/** How many of so many clients get nothing of what such a request of one of them brings. */
function leftOut(shape: Shape): number {
  return shape === "except" ? 1 : 0;
}

async function checkShape(bench: Bench, crowd: string, shape: Shape, isBinary: boolean): Promise<void> {
  const before = await bench.generator.count(crowd);
  const options = { ...REQUEST, shape, isBinary };
  const { operations } = await bench.generator.one({ do: "fanOut", crowd, options });
  const after = await bench.generator.count(crowd);
  expect(after.events - before.events).toBe(operations);
  const each = after.each.map((events, index) => events - (before.each[index] ?? 0));
  expect(each.reduce((sum, events) => sum + events)).toBe(operations);
  const frame = isBinary ? '451-["m",{"_placeholder":true,"num":0}]'.length : '42["m",""]'.length;
  expect(after.bytes - before.bytes).toBe(operations * (frame + BYTES));
  if (shape === "broadcast" || shape === "room" || shape === "multi") {
    expect(new Set(each)).toEqual(new Set([operations / CLIENTS]));
  } else if (shape !== "direct") {
    expect(each.filter((events) => events === 0)).toHaveLength(leftOut(shape));
  }
}

async function checkShapes(bench: Bench, { lacks }: Contestant, crowd: string): Promise<void> {
  for (const { shape } of SHAPES) {
    if (shape === "except" && lacks.includes("except")) continue;
    await checkShape(bench, crowd, shape, false);
    if (shape !== "direct") await checkShape(bench, crowd, shape, true);
  }
}

async function checkEcho({ generator }: Bench, crowd: string, inFlight: number): Promise<void> {
  const before = await generator.count(crowd);
  const echoed = await generator.one({ do: "echo", crowd, options: { ...REQUEST, inFlight } });
  expect(echoed.operations).toBeGreaterThanOrEqual(CLIENTS * inFlight);
  expect((await generator.count(crowd)).acks - before.acks).toBe(echoed.operations);
}

async function checkTokens({ generator }: Bench, crowd: string): Promise<void> {
  const before = await generator.count(crowd);
  const options = { perSecond: 50, startSeconds: 0.05, seconds: 0.1 };
  const { latency } = await generator.one({ do: "tokens", crowd, options });
  expect(latency?.p50Ms).toBeGreaterThan(0);
  expect((await generator.count(crowd)).events - before.events).toBe(CLIENTS * 9); // (0.05 s + 0.1 s) × 50 × 1.2
}

async function checkRooms({ generator }: Bench, crowd: string): Promise<void> {
  await generator.all({ do: "joinMany", crowd, rooms: 20 });
  for (const what of ["joinAndLeave", "emitToOne"] as const) {
    const { operations } = await generator.one({ do: what, crowd, seconds: SECONDS });
    expect(operations).toBeGreaterThan(CLIENTS);
  }
}

const NAMED = ABLE.map((contestant) => [contestant.name, contestant] as const);

test.concurrent.each(NAMED)("%s does what it is asked to, and reaches everybody once", (_name, contestant) =>
  withBench([contestant], async (bench) => {
    const { generator } = bench;
    const { lacks, client } = contestant;
    const { crowd, server } = await bench.enter(contestant, { count: CLIENTS });
    await checkShapes(bench, contestant, crowd);
    await checkEcho(bench, crowd, 3);
    await checkTokens(bench, crowd);
    if (!lacks.includes("rooms")) await checkRooms(bench, crowd);
    await generator.all({ do: "close", crowd });
    for (const transport of ["polling", "sse"] as const) {
      if (lacks.includes(transport)) continue;
      const { crowd: others } = await bench.connect(contestant, server, { count: CLIENTS, transport });
      await checkEcho(bench, others, 1);
      await checkShape(bench, others, "broadcast", false);
      await generator.all({ do: "close", crowd: others });
    }
    const life = { port: server.port, pid: server.pid, kind: client, parallel: 3, seconds: SECONDS };
    expect((await generator.one({ do: "connect", options: life })).operations).toBeGreaterThanOrEqual(3);
    expect((await server.memory()).rssKb).toBeGreaterThan(10_000);
  }),
);

test("a workload fills its row for all, in each turn, and what is aimed at is judged", async () => {
  const contestants = ABLE.filter(({ host }) => host === "node");
  const results = await run({ workloads: [echo], contestants, scale: TINY, log: () => {} });
  const [row] = results.rows;
  expect([...(row?.cells.keys() ?? [])]).toEqual(contestants.map(({ name }) => name));
  for (const { values } of row?.cells.values() ?? []) {
    expect(values).toHaveLength(TINY.rounds);
    for (const value of values) expect(value).toBeGreaterThan(0);
  }
  expect(judge(results).map(({ label }) => label)).toEqual([
    "event + ack ÷ floor-ws",
    "event + ack ÷ socketio-ws",
    "bowline-node: event + ack",
  ]);
});

test("delays of the loop and what came and went are measured where no time is an operation's", async () => {
  const contestants = ABLE.filter(({ name }) => name === "floor-ws" || name === "bowline-node");
  const results = await run({ workloads: [loopDelay, churn], contestants, scale: TINY, log: () => {} });
  const valueOf = (row: string, contestant: string): number => results.valuesOf(row, contestant)[0] ?? NaN;
  for (const name of ["floor-ws", "bowline-node"]) {
    for (const id of ["p50", "p99", "seconds"]) expect(valueOf(`loop-delay.${id}`, name)).toBeGreaterThan(0);
    // So little may not be counted yet: the system counts when a process gives way, or at its next tick.
    expect(valueOf("loop-delay.cpu", name)).toBeGreaterThanOrEqual(0);
  }
  // Of others there is nothing to be known.
  expect(results.valuesOf("churn.rss", "floor-ws")).toEqual([]);
  for (const id of ["churn.rss", "churn.heap"]) expect(valueOf(id, "bowline-node")).toBeGreaterThan(-100);
  expect(results.took.map(({ workload }) => workload)).toEqual(["loop-delay", "churn"]);
});
