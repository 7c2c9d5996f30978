import { execFile } from "node:child_process";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { type Bench, type Column, next, type Socket, withRecovery } from "./column.ts";
import { onBench, pause, type Row, type Scale, type Seen } from "./row.ts";

const MIB = 1024 * 1024;
const BROADCASTS: Readonly<Record<Scale, number>> = { full: 200_000, short: 20_000 };
const HALF_KB = "x".repeat(500);
const STALL_MS: Readonly<Record<Scale, number>> = { full: 15_000, short: 1_500 };
const STALL_BYTES = 50_000;
const STALL_PER_S = 100;
const CROWD: Readonly<Record<Scale, number>> = { full: 1_000, short: 50 };

interface Memory {
  /** What JavaScript holds, buffers included. */
  readonly own: number;
  /** All of the process, the native server's buffers with it; other work of the process moves it too. */
  readonly rss: number;
}

function memory(): Memory {
  if (!globalThis.gc) throw new Error("run with --expose-gc");
  globalThis.gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { own: heapUsed + external, rss };
}

/** What the column before left behind goes first. */
async function calmMemory(): Promise<Memory> {
  let last = memory();
  for (let round = 0; round < 20; round++) {
    await pause(50);
    const now = memory();
    if (Math.abs(now.own - last.own) < MIB / 4) return now;
    last = now;
  }
  return last;
}

const mib = (bytes: number): string => `${bytes < 0 ? "-" : "+"}${Math.abs(bytes / MIB).toFixed(1)} MiB`;

/** Broadcasts that concern nobody, while a client is away that comes back. */
async function broadcasts(bench: Bench, scale: Scale): Promise<Seen> {
  const { client, socket } = await bench.enter({
    transports: ["websocket"],
    reconnectionDelay: 50,
    reconnectionDelayMax: 50,
  });
  const first = next(client, "first");
  bench.io.emit("first", "");
  await first;
  const gone = noticed(bench, socket);
  const back = next(client.io, "reconnect");
  bench.proxy.refuse();
  bench.proxy.cut();
  await gone;
  const before = memory();
  const count = BROADCASTS[scale];
  // An object, so that each text is a string of its own.
  for (let number = 0; number < count; number++) bench.io.to("elsewhere").emit("n", { number, HALF_KB });
  const grown = memory().own - before.own;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  bench.proxy.thaw();
  await back;
  if (!client.connected) await next(client, "connect");
  const last = next(client, "last");
  bench.io.emit("last", "");
  await last;
  delay.disable();
  const how = client.recovered ? "recovered" : "not recovered";
  return {
    text: `${count} broadcasts: ${mib(grown)} kept; ${how}; the return blocks for at most ${(delay.max / 1e6).toFixed(0)} ms`,
    isGood: client.recovered && grown < 20 * MIB,
  };
}

function noticed({ kind }: Bench, socket: Socket): Promise<unknown> {
  if (kind !== "ours") return next(socket, "disconnect");
  return next((socket as unknown as { resumption: object }).resumption, "suspend");
}

/** One client does not read; another does. */
async function slowReader(bench: Bench, scale: Scale): Promise<Seen> {
  const slow = await bench.enter({ transports: ["websocket"] });
  const [link] = bench.proxy.links;
  const other = await bench.enter({ transports: ["websocket"] });
  let heard = 0;
  other.client.on("n", () => heard++);
  link?.down.stall();
  const before = await calmMemory();
  let sent = 0;
  const emitting = setInterval(() => {
    for (let part = 0; part < STALL_PER_S / 50; part++) {
      bench.io.emit("n", `${++sent}`.padEnd(STALL_BYTES, "x"));
    }
  }, 20);
  await pause(STALL_MS[scale]);
  clearInterval(emitting);
  const after = memory();
  const grown = `${mib(after.own - before.own)} (RSS: ${mib(after.rss - before.rss)})`;
  const done = next(other.client, "last");
  bench.io.emit("last");
  await done;
  const emitted = ((sent * STALL_BYTES) / MIB).toFixed(0);
  const fate = slow.socket.connected ? "still connected" : "disconnected";
  return {
    text: `${emitted} MiB emitted in ${STALL_MS[scale] / 1_000} s: ${grown}; it is ${fate}; the other heard ${heard} of ${sent}`,
    isGood: heard === sent,
  };
}

const STOCK_CRASH = fileURLToPath(new URL("stock-crash.mjs", import.meta.url));

function runStockCrash(): Promise<Seen> {
  return new Promise((resolve) => {
    execFile(process.execPath, [STOCK_CRASH], (error, _stdout, stderr) => {
      const [, what] = /^(TypeError: .*)$/m.exec(stderr) ?? [];
      const text = error ? `the process exits with code ${error.code}: ${what}` : "the process goes on";
      resolve({ text, isGood: !error });
    });
  });
}

/** A handler that trusts its client. */
async function badMessage(bench: Bench): Promise<Seen> {
  const { client, socket } = await bench.enter();
  socket.on("say", (message: { text: string }, answer: (text: string) => void) =>
    answer(message.text.trim()),
  );
  // Ours rejects with it; a stock client has it for an answer.
  const refused: unknown = await client
    .timeout(5_000)
    .emitWithAck("say", {})
    .catch((error: unknown) => error);
  const answered: unknown = await client.timeout(5_000).emitWithAck("say", { text: " hi " });
  const [error] = bench.errors;
  const told = refused instanceof Error ? String(refused) : JSON.stringify(refused);
  return {
    text: `onError: ${String(error)}; the ack: ${told}; the process goes on`,
    isGood: error instanceof TypeError && typeof refused === "object" && answered === "hi",
  };
}

/** How a crowd comes back to a server that was closed. */
async function closing(bench: Bench, scale: Scale): Promise<Seen> {
  const count = CROWD[scale];
  const clients = Array.from({ length: count }, () => bench.client({ transports: ["websocket"] }));
  await Promise.all(clients.map((client) => next(client, "connect")));
  const gone = Promise.all(clients.map((client) => next(client.io, "close")));
  bench.proxy.refuse();
  const began = performance.now();
  const first = bench.proxy.attempts;
  let [earliest, latest] = [Infinity, 0];
  const counting = (async () => {
    while (bench.proxy.attempts - first < count) {
      await bench.proxy.accepted();
      latest = performance.now() - began;
      earliest = Math.min(earliest, latest);
    }
  })();
  await bench.io.close();
  await gone;
  const closed = performance.now() - began;
  await counting;
  const seconds = (ms: number): string => (ms / 1_000).toFixed(2);
  return {
    text: `${count} clients lost within ${seconds(closed)} s; ${count} tries from ${seconds(earliest)} to ${seconds(latest)} s`,
    isGood: true,
  };
}

export const SERVER_ROWS: readonly Row[] = [
  {
    id: "X8",
    situation: "broadcasts of 0.5 KB that concern nobody, with a client away (Socket.IO: with recovery)",
    expected: "bounded by size and age; a restore costs what was missed",
    judged: ["mixed", "ours"],
    look: onBench(withRecovery, broadcasts),
  },
  {
    id: "X11",
    situation: "one client stops reading, 5 MB/s emitted",
    expected: "bounded at the configured size with our client, the others unaffected; not judged",
    judged: [],
    look: onBench(() => ({}), slowReader),
  },
  {
    id: "X12",
    situation: "{} sent to a handler that does msg.text.trim()",
    expected: "the error reaches onError and the ack; the process goes on",
    judged: ["mixed", "ours"],
    look: (column: Column, scale) =>
      column.kind === "stock" ? runStockCrash() : onBench(() => ({}), badMessage)(column, scale),
  },
  {
    id: "X13",
    situation: "io.close() with many clients",
    expected: "clients back off with full jitter; closing is not spread yet, and not judged",
    judged: [],
    look: onBench(() => ({}), closing),
  },
];
