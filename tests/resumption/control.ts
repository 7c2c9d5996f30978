import { io as connect } from "@bowline/client";
import { Server } from "@bowline/server";
import { io as connectStock } from "socket.io-client";
import { expect } from "vitest";
import { serveStock } from "../interop/stock.ts";
import { type HostName, listenOn } from "./hosts.ts";

const EVENTS = 2_000;
const IN_ONE_TICK = 10;

/** The packets of either library's client that are text, those that came and those that leave. */
interface Wire {
  readonly came: string[];
  readonly left: string[];
}
/** What both libraries' clients have. */
interface Client {
  readonly io: {
    readonly engine: {
      on(
        event: "packet" | "packetCreate",
        listener: (packet: { type: string; data?: unknown }) => void,
      ): unknown;
    };
  };
  on(event: string, listener: (...args: never[]) => void): unknown;
  once(event: string, listener: (...args: never[]) => void): unknown;
  emit(event: string, ...args: unknown[]): unknown;
}
interface Emitting {
  on(event: string, listener: (...args: never[]) => void): unknown;
  emit(event: string, ...args: unknown[]): unknown;
}

/** From before the first packet on: a manager makes its engine when it is made. */
function tap(client: Client): Wire {
  const wire: Wire = { came: [], left: [] };
  const keep =
    (packets: string[]) =>
    ({ data }: { data?: unknown }) => {
      if (typeof data === "string") packets.push(data);
    };
  client.io.engine.on("packet", keep(wire.came));
  client.io.engine.on("packetCreate", keep(wire.left));
  return wire;
}

/** So many events each way, a thousand of them a second; settles a while after the last confirmation is due. */
async function exchange(client: Client, socket: Emitting): Promise<void> {
  let missing = 2 * EVENTS;
  const all = new Promise<void>((resolve) => {
    const take = (): void => void (--missing === 0 && resolve());
    client.on("n", take);
    socket.on("n", take);
  });
  let sent = 0;
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const due = Math.min(EVENTS, Math.floor(performance.now() - startedAt));
    for (; sent < due; sent++) {
      client.emit("n", sent);
      socket.emit("n", sent);
    }
    if (sent === EVENTS) clearInterval(timer);
  }, IN_ONE_TICK);
  await all;
  await new Promise((resolve) => setTimeout(resolve, 1_200));
}

const isControl = (packet: string): boolean => packet.startsWith('2["$"');
const bytesOf = (packets: string[]): number => packets.reduce((sum, packet) => sum + packet.length + 1, 0);

/** What two ends that agreed say beside the events; the events themselves are those of ends that did not agree. */
export async function controlTest(host: HostName): Promise<void> {
  const io = new Server();
  const port = await listenOn(host, io);
  const wires: Wire[] = [];
  for (const resumption of [true, false]) {
    const entered = new Promise<Emitting>((resolve) =>
      io.once("connection", (socket) => resolve(socket as Emitting)),
    );
    const client = connect(`http://127.0.0.1:${port}`, {
      forceNew: true,
      transports: ["websocket"],
      resumption,
    });
    const wire = tap(client as unknown as Client);
    wires.push(wire);
    await new Promise<void>((resolve) => client.once("connect", resolve));
    await exchange(client as unknown as Client, await entered);
    client.disconnect();
  }
  const [agreed, plain] = wires as [Wire, Wire];
  const [up, down] = [bytesOf(agreed.left.filter(isControl)), bytesOf(agreed.came.filter(isControl))];
  console.log(
    `${host}: ${up} bytes of control up and ${down} down for ${EVENTS} events each way, a thousand a second`,
  );
  expect(Math.min(up, down)).toBeGreaterThan(0);
  expect(Math.max(up, down)).toBeLessThan(EVENTS);
  const events = (packets: string[]): string[] => packets.filter((packet) => packet.startsWith('2["n"'));
  expect(events(agreed.left)).toEqual(events(plain.left));
  expect(events(agreed.came)).toEqual(events(plain.came));
  expect(events(plain.came).length).toBe(EVENTS);
  expect([...plain.left, ...plain.came].filter(isControl)).toEqual([]);
  await io.close();
}

/** Nothing of what we say among ourselves is ever said to Socket.IO's client, or to its server. */
export async function silenceTest(host: HostName | "stock"): Promise<void> {
  const stock = host === "stock" ? await serveStock({}, 0) : undefined;
  const ours = new Server();
  const io = (stock?.io ?? ours) as Pick<Emitting, "on">;
  const port = stock?.port ?? (await listenOn(host as HostName, ours));
  const entered = new Promise<Emitting>((resolve) => io.on("connection", (socket: never) => resolve(socket)));
  const url = `http://127.0.0.1:${port}`;
  const client = stock
    ? connect(url, { forceNew: true, transports: ["polling", "websocket"] })
    : connectStock(url, { forceNew: true });
  const wire = tap(client as unknown as Client);
  await new Promise<void>((resolve) => client.once("connect", () => resolve()));
  const socket = await entered;
  const names = ["$", "$$", "$a", "$~tick"];
  const heard: unknown[] = [];
  for (const name of names) client.on(name, () => heard.push(name));
  for (const name of names) socket.emit(name);
  await exchange(client as unknown as Client, socket);
  expect(heard).toEqual(names);
  const said = [...wire.left, ...wire.came].filter((packet) => packet.includes("$"));
  expect(said).toEqual(names.map((name) => `2["${name}"]`));
  // Our own client keeps the handshake to itself.
  if (!stock) {
    const open = wire.came.find((packet) => packet.includes('"upgrades"'));
    expect(JSON.parse(open ?? "{}")).toMatchObject({ upgrades: ["websocket"] });
  }
  expect(client.io.engine.transport.name).toBe("websocket");
  client.disconnect();
  await (stock ?? ours).close();
}
