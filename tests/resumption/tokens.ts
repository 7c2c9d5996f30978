import { io as connect, type TransportName } from "@bowline/client";
import { Server, type Socket } from "@bowline/server";
import { expect } from "vitest";
import { type Cut, type Direction, FaultProxy } from "../faults/proxy.ts";
import { pick, seeded } from "../order/random.ts";
import { type HostName, listenOn } from "./hosts.ts";

export const TOKENS = 1_000;
const PER_SECOND = 60;
const CUT_EVERY_MS = 500;
/** A cut comes behind some number of bytes up to this: within what a poll, a head or some tokens are. */
const CUT_WITHIN_BYTES = 600;
const WAYS: readonly (readonly TransportName[])[] = [
  ["websocket"],
  ["sse"],
  ["polling"],
  ["polling", "websocket"],
  ["sse", "websocket"],
];

function token(number: number): string {
  return `${number.toString(36)}${" é\r\n".slice(0, number % 5)}`;
}

/** Calls `emit` with each number, so many a second: what a late timer missed follows at once. */
function emitTokens(emit: (number: number) => void): () => void {
  const startedAt = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.min(TOKENS, Math.floor(((performance.now() - startedAt) * PER_SECOND) / 1000));
    while (sent < due) emit(sent++);
    if (sent === TOKENS) clearInterval(timer);
  }, 1000 / PER_SECOND);
  return () => clearInterval(timer);
}

/** Cuts again and again, each time behind as many bytes as chance says, in either direction. */
function cutAtRandom(
  proxy: FaultProxy,
  random: () => number,
): { readonly made: Record<string, number>; stop(): void } {
  const made: Record<string, number> = {};
  let isOver = false;
  let isArmed = false;
  const arm = async (): Promise<void> => {
    isArmed = true;
    const [way, how] = [pick<Direction>(random, ["up", "down"]), pick<Cut>(random, ["reset", "fin"])];
    await proxy.cutAfter(Math.floor(random() * CUT_WITHIN_BYTES), way, how);
    isArmed = false;
    if (!isOver) made[`${way} ${how}`] = (made[`${way} ${how}`] ?? 0) + 1;
  };
  const timer = setInterval(() => isArmed || void arm(), CUT_EVERY_MS);
  return {
    made,
    stop() {
      isOver = true;
      clearInterval(timer);
    },
  };
}

/** An assistant, and one who dictates to it, over a network that holds for half a second. */
export async function tokensTest(host: HostName, seed: number): Promise<void> {
  const errors: unknown[] = [];
  const io = new Server({ onError: (error) => void errors.push(error) });
  const proxy = await FaultProxy.to(await listenOn(host, io));
  const random = seeded(seed);
  const told: unknown[] = [];
  const sockets: Socket[] = [];
  const [up, down]: [string[], string[]] = [[], []];
  const stops: (() => void)[] = [];
  const client = connect(proxy.url, {
    forceNew: true,
    transports: ["websocket"],
    reconnectionDelay: 5,
    reconnectionDelayMax: 20,
  });
  const used = new Set<string>();
  client.io.on("reconnect_attempt", () => void (client.io.opts.transports = pick(random, WAYS)));
  client.io.on("reconnect", () => void used.add(client.io.engine.transport.name));
  client.on("disconnect", (reason) => told.push(reason));
  client.on("connect_error", (error) => told.push(error));
  client.resumption.on("gap", (gap) => told.push(gap));
  client.resumption.on("lost", (lost) => told.push(lost));
  let resumed = 0;
  client.resumption.on("resume", () => void resumed++);
  const done = new Promise<void>((resolve) => {
    const take = (tokens: string[], text: string): void => {
      tokens.push(text);
      if (up.length >= TOKENS && down.length >= TOKENS) resolve();
    };
    io.on("connection", (socket) => {
      sockets.push(socket);
      socket.on("token", (text) => take(up, text));
      socket.on("disconnect", (reason) => told.push(reason));
      if (sockets.length === 1) stops.push(emitTokens((number) => socket.emit("token", token(number))));
    });
    client.on("token", (text) => take(down, text));
  });
  await new Promise<void>((resolve) => client.once("connect", resolve));
  stops.push(emitTokens((number) => client.emit("token", token(number))));
  const cuts = cutAtRandom(proxy, random);
  await done;
  cuts.stop();
  const count = Object.values(cuts.made).reduce((sum, one) => sum + one, 0);
  console.log(
    `${host}, seed ${seed}: ${TOKENS} tokens each way, ${count} cuts ${JSON.stringify(cuts.made)}, ` +
      `${resumed} resumes, over ${[...used].join(", ")}`,
  );
  const wanted = Array.from({ length: TOKENS }, (_, number) => token(number));
  expect(down).toEqual(wanted);
  expect(up).toEqual(wanted);
  expect([told, errors]).toEqual([[], []]);
  expect([sockets.length, io.sockets.sockets.size]).toEqual([1, 1]);
  expect(count).toBeGreaterThan(20);
  expect([...used].sort()).toEqual(["polling", "sse", "websocket"]);
  for (const stop of stops) stop();
  client.disconnect();
  await proxy.close();
  await io.close();
}
