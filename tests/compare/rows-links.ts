import { type Bench, type Client, next, type Socket, withRecovery } from "./column.ts";
import { deliveryOf, onBench, pause, type Row, type Scale, type Seen } from "./row.ts";

const RATE_PER_S = 50;
/** How long the link is up, and then away, and how often. */
const FLAPS: Readonly<Record<Scale, { readonly ms: number; readonly times: number }>> = {
  full: { ms: 2_000, times: 5 },
  short: { ms: 400, times: 2 },
};
const QUICK = { reconnectionDelay: 10, reconnectionDelayMax: 20 } as const;

function numbersOf(client: Client): number[] {
  const numbers: number[] = [];
  client.on("n", (number: number) => numbers.push(number));
  return numbers;
}

/** Everything that was sent before is there: whatever arrives now was sent now. */
async function caughtUp({ io }: Bench, client: Client): Promise<void> {
  const done = next(client, "end");
  const asking = setInterval(() => io.emit("end"), 20);
  await done;
  clearInterval(asking);
}

async function flapping(bench: Bench, scale: Scale): Promise<Seen> {
  const { ms, times } = FLAPS[scale];
  const { client } = await bench.enter();
  const numbers = numbersOf(client);
  let sent = 0;
  const emitting = setInterval(() => bench.io.emit("n", sent++), 1_000 / RATE_PER_S);
  for (let flap = 0; flap < times; flap++) {
    await pause(ms);
    bench.proxy.refuse();
    bench.proxy.cut();
    await pause(ms);
    bench.proxy.thaw();
  }
  await pause(ms);
  clearInterval(emitting);
  await caughtUp(bench, client);
  const { text, isWhole } = deliveryOf(numbers, sent);
  return { text: isWhole ? text : `${text}, nobody told of the rest`, isGood: isWhole };
}

/** The client is elsewhere, and the server does not notice; the client comes back by itself. */
async function changeNetwork({ proxy }: Bench, client: Client): Promise<void> {
  const back = next(client.io, "reconnect");
  const gone = next(client.io, "close");
  proxy.freeze();
  client.io.engine.close();
  await gone;
  proxy.thaw();
  await back;
}

async function halfOpen(bench: Bench): Promise<Seen> {
  const { client } = await bench.enter({ transports: ["websocket"], ...QUICK });
  const numbers = numbersOf(client);
  let sent = 0;
  const emit = (count: number): void => {
    for (let done = 0; done < count; done++) bench.io.emit("n", sent++);
  };
  emit(85);
  await caughtUp(bench, client);
  const moved = changeNetwork(bench, client);
  emit(15);
  await moved;
  if (!client.connected) await next(client, "connect");
  emit(72);
  await caughtUp(bench, client);
  const { text, isWhole } = deliveryOf(numbers, sent);
  const sockets = bench.io.sockets.sockets.size;
  const lost = sent - new Set(numbers).size;
  return {
    text: `${isWhole ? text : `${lost} of ${sent} lost`}; ${sockets} socket${sockets === 1 ? "" : "s"} on the server`,
    isGood: isWhole && sockets === 1,
  };
}

/** A break that both notice, with one event meanwhile. `prepare` says what came before. */
async function comeBack(
  bench: Bench,
  prepare: (client: Client, socket: Socket) => Promise<unknown>,
): Promise<Seen> {
  const { client, socket } = await bench.enter({ transports: ["websocket"], ...QUICK });
  const { id } = client;
  await prepare(client, socket);
  const numbers = numbersOf(client);
  const back = next(client.io, "reconnect");
  bench.proxy.cut();
  // Once the server noticed: before, everybody would have sent it into the link that is no more.
  await serverNoticed(bench, socket);
  bench.io.emit("n", 0);
  await back;
  if (!client.connected) await next(client, "connect");
  await caughtUp(bench, client);
  const isGood = client.recovered && client.id === id && numbers.join() === "0";
  const missed = numbers.length === 0 ? "what was missed is lost" : "what was missed came";
  return { text: `${client.recovered ? "recovered" : "not recovered"}; ${missed}`, isGood };
}

async function hearVolatile({ io }: Bench, client: Client): Promise<void> {
  const heard = next(client, "v");
  const first = next(client, "first");
  io.emit("first");
  await first;
  io.volatile.emit("v", "hello");
  await heard;
}

function serverNoticed({ kind }: Bench, socket: Socket): Promise<unknown> {
  if (kind !== "ours") return next(socket, "disconnect");
  const { resumption } = socket as unknown as { resumption: object };
  return next(resumption, "suspend");
}

export const LINK_ROWS: readonly Row[] = [
  {
    id: "X1",
    situation: "50 events/s, the link is reset and stays away, again and again, default options",
    expected: "100 %, in order, once, by default with our client",
    judged: ["ours"],
    isIdle: true,
    look: onBench(() => ({}), flapping),
  },
  {
    id: "X2",
    situation: "the same with connection state recovery",
    expected: "100 % with a stock client",
    judged: ["mixed", "ours"],
    isIdle: true,
    look: onBench(withRecovery, flapping),
  },
  {
    id: "X3",
    situation: "half-open link: the client changed its network, the server has not noticed",
    expected: "the new connection takes over at once; nothing lost; one socket",
    judged: ["mixed", "ours"],
    look: onBench(withRecovery, halfOpen),
  },
  {
    id: "X4",
    situation: "no event received before the drop",
    expected: "recovered",
    judged: ["mixed", "ours"],
    look: onBench(withRecovery, (bench) => comeBack(bench, () => Promise.resolve())),
  },
  {
    id: "X5",
    situation: 'a drop after volatile.emit("v", "hello")',
    expected: "recovered",
    judged: ["mixed", "ours"],
    look: onBench(withRecovery, (bench) => comeBack(bench, (client) => hearVolatile(bench, client))),
  },
];
