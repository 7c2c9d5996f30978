import http from "node:http";
import type { AddressInfo } from "node:net";
import { io as connect, type TransportName } from "@bowline/client";
import { Server, type Socket } from "@bowline/server";
import { nodeHost } from "@bowline/server/node";
import { uwsHost } from "@bowline/server/uws";
import { expect, test } from "vitest";
import { type Cut, type Direction, FaultProxy } from "../faults/proxy.ts";
import { listenUws } from "../uws-app.ts";

const EVENTS = 2_000;
/** So many are on their way at most: more than that goes over no link here, and a body of a POST arrives whole or not at all. */
const AHEAD = 12;
/** A link ends so many bytes behind its beginning, in one direction or the other; the next one that much further on, over and over. */
const STEPS: Readonly<Record<Direction, number>> = { up: 97, down: 131 };
const SWEEP = 15_000;

const WAYS: readonly (readonly TransportName[])[] = [
  ["websocket"],
  ["sse"],
  ["polling"],
  ["polling", "websocket"],
  ["sse", "websocket"],
];

type Message = readonly [number: number, text: string, bytes?: Uint8Array];

/** Sizes from nothing to 4 KB, most of them small, as in life; every fifth has bytes. */
function message(number: number): Message {
  const length = number % 50 === 0 ? 4_000 : number % 10 === 0 ? 1_000 : (number * 37) % 150;
  const text = `${number} `.repeat(length).slice(0, length);
  return number % 5 === 0
    ? [number, text, new Uint8Array((number * 13) % 300).fill(number & 255)]
    : [number, text];
}

/** Takes one of the other end's messages, and says what is wrong with it. */
class Received {
  count = 0;
  readonly wrong: string[] = [];

  take([number, text, bytes]: Message): void {
    const [, wantedText, wantedBytes] = message(number);
    if (number !== this.count) this.wrong.push(`${number} where ${this.count} was to come`);
    if (text !== wantedText || !equal(bytes, wantedBytes)) this.wrong.push(`${number} is not what was sent`);
    this.count++;
  }
}

function equal(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return Buffer.from(one ?? []).equals(Buffer.from(other ?? []));
}

/** Ends every link of the proxy behind some byte or other, and says how many did end. */
function cutEverywhere(proxy: FaultProxy): { readonly made: Readonly<Record<Cut, number>> } {
  const made = { reset: 0, fin: 0 };
  proxy.onLink = (link) => {
    const how: Cut = link.number % 3 === 0 ? "fin" : "reset";
    for (const way of ["up", "down"] as const) {
      link.cutAfter((link.number * STEPS[way]) % SWEEP, way, how, () => made[how]++);
    }
  };
  return { made };
}

async function listen(io: Server, host: "node" | "uws"): Promise<number> {
  if (host === "uws") return (await listenUws((app) => io.attach(uwsHost(app)))).port;
  const server = http.createServer();
  io.attach(nodeHost(server));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

export function cutEverywhereTest(host: "node" | "uws"): void {
  test(`[U4, U43] ${host}: cut at every point, over all transports, both ways: received is what was sent, in order, once`, async () => {
    const errors: unknown[] = [];
    const io = new Server({ onError: (error) => void errors.push(error) });
    const proxy = await FaultProxy.to(await listen(io, host));
    const sockets: Socket[] = [];
    const [down, up] = [new Received(), new Received()];
    const told: unknown[] = [];
    let [sentDown, sentUp] = [0, 0];
    io.on("connection", (socket) => {
      sockets.push(socket);
      socket.join("room");
      socket.on("up", (...args: [number, string, Uint8Array?]) => {
        up.take(args);
        sendUp();
      });
      socket.on("disconnect", (reason) => told.push(reason));
      sendDown();
    });
    const client = connect(proxy.url, {
      forceNew: true,
      transports: ["websocket"],
      reconnectionDelay: 2,
      reconnectionDelayMax: 4,
    });
    client.on("down", (...args: [number, string, Uint8Array?]) => {
      down.take(args);
      sendDown();
    });
    client.on("disconnect", (reason) => told.push(reason));
    client.on("connect_error", (error) => told.push(error));
    client.resumption.on("gap", (gap) => told.push(gap));
    client.resumption.on("lost", (lost) => told.push(lost));
    let way = 0;
    client.io.on("reconnect_attempt", () => {
      client.io.opts.transports = WAYS[++way % WAYS.length] ?? [];
    });
    const sendDown = (): void => {
      for (; sentDown < Math.min(EVENTS, down.count + AHEAD); sentDown++) {
        const target = [io, io.to("room"), sockets[0]][sentDown % 3];
        target?.emit("down", ...message(sentDown));
      }
    };
    const sendUp = (): void => {
      for (; sentUp < Math.min(EVENTS, up.count + AHEAD); sentUp++) client.emit("up", ...message(sentUp));
    };
    await new Promise<void>((resolve) => client.on("connect", () => resolve()));
    const { made } = cutEverywhere(proxy);
    proxy.cut();
    sendUp();
    await expect.poll(() => [down.count, up.count], { timeout: 60_000 }).toEqual([EVENTS, EVENTS]);
    const { resumes } = sockets[0]?.resumption ?? {};
    console.log(`${host}: ${made.reset} links reset, ${made.fin} ended, ${resumes} times resumed`);
    expect([down.wrong, up.wrong, told, errors]).toEqual([[], [], [], []]);
    expect([sockets.length, io.sockets.sockets.size]).toEqual([1, 1]);
    expect(made.reset + made.fin).toBeGreaterThan(100);
    client.disconnect();
    await proxy.close();
    await io.close();
  }, 90_000);
}
