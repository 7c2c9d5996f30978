import { type Bench, type Client, next, type Socket, withRecovery } from "./column.ts";
import { onBench, pause, type Row, type Scale, type Seen } from "./row.ts";

/** One way; there and back is twice that. */
const DELAY_MS = 25;
const STEPS: Readonly<Record<Scale, number>> = { full: 40, short: 8 };
/** How many of ours go out at once. */
const PIPELINED = 2_000;
const WATCH_MS: Readonly<Record<Scale, number>> = { full: 12_000, short: 1_500 };
const TOO_LARGE = "x".repeat(2_000_000);

/** Whether an event that wants an answer, emitted while its client is away, is answered when it is back. */
async function askWhileAway(bench: Bench): Promise<Seen> {
  const { client, socket } = await bench.enter({
    transports: ["websocket"],
    reconnectionDelay: 50,
    reconnectionDelayMax: 50,
  });
  void socket.join("room");
  let handled = 0;
  client.on("ask", (number: number, answer: (number: number) => void) => {
    handled++;
    answer(number);
  });
  const first = next(client, "first");
  bench.io.emit("first");
  await first;
  const gone = noticed(bench, socket);
  const back = next(client.io, "reconnect");
  bench.proxy.refuse();
  bench.proxy.cut();
  await gone;
  const asked = Promise.allSettled([
    socket.timeout(3_000).emitWithAck("ask", 1),
    bench.io.to("room").timeout(3_000).emitWithAck("ask", 2),
  ]);
  bench.proxy.thaw();
  await back;
  const [direct, room] = (await asked).map(inWords);
  return {
    text: `handled ${handled} of 2; emitWithAck: ${direct}; of a room: ${room}`,
    isGood: handled === 2 && direct === "1" && room === "[2]",
  };
}

function inWords(settled: PromiseSettledResult<unknown>): string {
  return settled.status === "fulfilled" ? JSON.stringify(settled.value) : String(settled.reason);
}

function noticed({ kind }: Bench, socket: Socket): Promise<unknown> {
  if (kind !== "ours") return next(socket, "disconnect");
  return next((socket as unknown as { resumption: object }).resumption, "suspend");
}

/** How many events a second leave a client that wants each of them handled once. */
async function rate(bench: Bench, scale: Scale): Promise<Seen> {
  const isOurs = bench.kind === "ours";
  const { client, socket } = await bench.enter({
    transports: ["websocket"],
    ...(isOurs ? {} : { retries: 3, ackTimeout: 10_000 }),
  });
  const handled: number[] = [];
  socket.on("n", (number: number, answer: () => void) => {
    handled.push(number);
    answer();
  });
  bench.proxy.delay(DELAY_MS);
  const count = isOurs ? PIPELINED : STEPS[scale];
  const began = performance.now();
  await Promise.all(Array.from({ length: count }, (_, number) => client.emitWithAck("n", number)));
  const perSecond = Math.round((1_000 * count) / (performance.now() - began));
  const isOnce = handled.length === count && handled.every((number, at) => number === at);
  return {
    text: `${perSecond} events/s of ${count}, ${isOnce ? "each handled once, in order" : "not each handled once"}`,
    isGood: isOnce && perSecond > 1_000,
  };
}

/** A message that no server takes, and one behind it. */
async function tooLarge(bench: Bench, scale: Scale): Promise<Seen> {
  const isOurs = bench.kind === "ours";
  const { client } = await bench.enter({
    transports: ["websocket"],
    ...(isOurs ? {} : { retries: 3 }),
    reconnectionDelay: 50,
    reconnectionDelayMax: 100,
  });
  let arrived = false;
  bench.io.on("connection", (socket) => hear(socket));
  for (const socket of bench.io.sockets.sockets.values()) hear(socket);
  function hear(socket: Socket): void {
    socket.on("next", () => (arrived = true));
  }
  let reconnects = 0;
  client.io.on("reconnect", () => reconnects++);
  const why = say(client, "big", TOO_LARGE);
  say(client, "next");
  await pause(WATCH_MS[scale]);
  const named = why === undefined ? "no word of why" : `refused: ${why}`;
  return {
    text: `${reconnects} reconnects in ${WATCH_MS[scale] / 1_000} s; ${named}; the next message ${arrived ? "arrived" : "never left"}`,
    isGood: reconnects === 0 && arrived && /payload_too_large/.test(why ?? ""),
  };
}

/** What it was refused with; `undefined` if it was taken. */
function say(client: Client, ...event: [string, ...unknown[]]): string | undefined {
  try {
    client.emit(...event);
    return undefined;
  } catch (error) {
    return String(error);
  }
}

export const ACK_ROWS: readonly Row[] = [
  {
    id: "X6",
    situation: "events with acks while the client is away",
    expected: "replayed to our client inside the window, and answered",
    judged: ["ours"],
    look: onBench(withRecovery, askWhileAway),
  },
  {
    id: "X9",
    situation: "50 ms there and back; retries: 3 of Socket.IO against our client as it is",
    expected: "pipelined: over 1 000 events/s, each handled once",
    judged: ["ours"],
    look: onBench(() => ({}), rate),
  },
  {
    id: "X10",
    situation: "one message of 2 MB, and one behind it (Socket.IO: with retries)",
    expected: "refused at once with an error that names the limit; 0 reconnects; the next one arrives",
    judged: ["ours"],
    isIdle: true,
    look: onBench(() => ({}), tooLarge),
  },
];
