import { type ClientOptions, io as connect, type Lost, type Socket as Client } from "@bowline/client";
import { Server, type ServerOptions, type Socket } from "@bowline/server";
import { afterEach, describe, expect, test } from "vitest";
import { FaultProxy } from "../faults/proxy.ts";
import { type HostName, listen, type Listening } from "./hosts.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Ends {
  readonly io: Server;
  readonly proxy: FaultProxy;
  readonly client: Client;
  readonly socket: Socket;
  /** What the client's application hears of its connection. */
  readonly log: unknown[];
  restart(): Promise<void>;
}

const QUICK = { forceNew: true, reconnectionDelay: 10, reconnectionDelayMax: 50 };

/** Both ends of one socket, and between them something that breaks links. */
async function ends(host: HostName, options: ClientOptions, server?: ServerOptions): Promise<Ends> {
  const io = new Server(server);
  let listening: Listening = await listen(host, io);
  const proxy = await FaultProxy.to(listening.port);
  const client = connect(proxy.url, { ...QUICK, ...options });
  closing.push(
    () => listening.close(),
    () => proxy.close(),
    () => client.disconnect(),
  );
  const entered = new Promise<Socket>((resolve) => io.once("connection", resolve));
  const log: unknown[] = [];
  await new Promise<void>((resolve) => client.once("connect", resolve));
  client.on("connect", () => log.push("connect"));
  client.on("disconnect", (reason) => log.push(`disconnect ${reason}`));
  client.on("connect_error", (error) => log.push(error));
  client.resumption.on("resume", () => log.push("resume"));
  const restart = async (): Promise<void> => {
    const { port } = listening;
    await listening.close();
    listening = await listen(host, new Server(server), port);
  };
  return { io, proxy, client, socket: await entered, log, restart };
}

/** When the other side got all that was sent before. */
async function fence({ client, socket }: Pick<Ends, "client" | "socket">): Promise<void> {
  const back = new Promise<void>((resolve) => client.once("fence", resolve));
  socket.once("fence", () => socket.emit("fence"));
  client.emit("fence");
  await back;
}

/** With polling there is a link only while something is asked; it is a poll that waits. */
async function somethingToCut({ socket }: Pick<Ends, "socket">): Promise<void> {
  await expect.poll(() => socket.conn.transport.writable).toBe(true);
}

const resumed = (client: Client): Promise<void> =>
  new Promise((resolve) => client.resumption.once("resume", () => resolve()));

/** What both of our ends do together over a network that breaks. */
export function bothEnds(host: HostName): void {
  describe.each(["websocket", "sse", "polling"] as const)(
    `our client, our server, ${host}, %s`,
    (transport) => {
      const transports = [transport];

      test("[U42] a link that breaks is nothing that the application sees: what is said goes on, both ways", async () => {
        const both = await ends(host, { transports });
        const { io, proxy, client, socket, log } = both;
        const { id } = client;
        socket.join("room");
        const connections: unknown[] = [];
        io.on("connection", (other) => connections.push(other.id));
        const down: unknown[] = [];
        const up: unknown[] = [];
        client.on("n", (n, bytes) => down.push([n, ...new Uint8Array(bytes)]));
        socket.on("n", (n, bytes) => up.push([n, ...new Uint8Array(bytes)]));
        const wanted = Array.from({ length: 60 }, (_, n) => [n, n % 256]);
        for (let round = 0; round < 3; round++) {
          const back = resumed(client);
          await somethingToCut(both);
          for (let n = 0; n < 20; n++) {
            const number = round * 20 + n;
            if (n === 10) proxy.cut();
            client.emit("n", number, Buffer.from([number]));
            io.to("room").emit("n", number, Buffer.from([number]));
          }
          await back;
        }
        await fence(both);
        expect([down, up]).toEqual([wanted, wanted]);
        expect([client.id, socket.id, connections]).toEqual([id, id, []]);
        expect(log).toEqual(["resume", "resume", "resume"]);
        await expect.poll(() => client.resumption.unconfirmed).toBe(0);
      });

      test("[U46] what was asked before a link broke is answered after it, by a handler that ran once", async () => {
        const both = await ends(host, { transports });
        const { proxy, client, socket } = both;
        let asked = 0;
        let answer = (_text: string): void => {};
        const arrived = new Promise<void>((resolve) => {
          socket.on("ask", (later) => {
            asked++;
            answer = later as typeof answer;
            resolve();
          });
        });
        client.on("ask", (n, later) => later(`${n}!`));
        const up = client.emitWithAck("ask");
        await arrived;
        const back = resumed(client);
        await somethingToCut(both);
        proxy.cut();
        const down = socket.emitWithAck("ask", 1);
        answer("late");
        await back;
        await expect(up).resolves.toBe("late");
        await expect(down).resolves.toBe("1!");
        expect(asked).toBe(1);
      });

      test("[U49] after the window: a disconnect, and what is in doubt may be sent again", async () => {
        const both = await ends(host, { transports }, { resumption: { window: 50 } });
        const { io, proxy, client, log } = both;
        const lost: Lost[] = [];
        client.resumption.on("lost", (what) => {
          lost.push(what);
          what.resend();
        });
        const { id } = client;
        const got: unknown[] = [];
        io.on("connection", (other) => other.on("n", (n) => got.push(n)));
        await somethingToCut(both);
        client.emit("n", 1);
        proxy.refuse();
        proxy.cut();

        await expect.poll(() => lost.length).toBe(1);
        proxy.heal();
        await expect.poll(() => got).toEqual([1]);
        expect([lost[0]?.reason, client.id === id, client.recovered]).toEqual(["expired", false, false]);
        expect(log.filter((entry) => typeof entry === "string")).toEqual([
          expect.stringMatching(/^disconnect transport (close|error)$/),
          "connect",
        ]);
      });

      test("[U49] another process does not know the socket", async () => {
        const { client, log, restart } = await ends(host, { transports });
        const lost = new Promise<Lost>((resolve) => client.resumption.once("lost", resolve));
        await restart();
        expect((await lost).reason).toBe("unknown");
        await expect.poll(() => log.at(-1)).toBe("connect");
        expect(log.filter((entry) => typeof entry === "string")).toEqual([
          expect.stringMatching(/^disconnect transport (close|error)$/),
          "connect",
        ]);
      });

      test("[U51] the server's disconnect leaves nothing in doubt, and the client's no socket", async () => {
        const both = await ends(host, { transports });
        const { io, client, socket, log } = both;
        const lost: Lost[] = [];
        client.resumption.on("lost", (what) => lost.push(what));
        socket.on("bye", () => socket.disconnect());
        client.emit("bye");
        await expect.poll(() => log).toEqual(["disconnect io server disconnect"]);
        expect([lost, client.resumption.unconfirmed]).toEqual([[], 0]);
        const entered = new Promise<Socket>((resolve) => io.once("connection", resolve));
        client.connect();
        const left = entered.then((other) => new Promise((resolve) => void other.on("disconnect", resolve)));
        await entered;
        client.io.disconnect(); // it may not have heard that it is in
        expect(await left).toBe("client namespace disconnect");
      });

      test("[U57] retries: all at once, each handled once, over links that break", async () => {
        const both = await ends(host, { transports, retries: 3, ackTimeout: 10_000 });
        const { proxy, client, socket } = both;
        const got: unknown[] = [];
        socket.on("n", (n, answer) => {
          got.push(n);
          answer(n);
        });
        const back = resumed(client);
        const numbers = Array.from({ length: 100 }, (_, n) => n);
        await somethingToCut(both);

        const answers = numbers.map((n) => {
          if (n === 50) proxy.cut();
          return client.emitWithAck("n", n);
        });
        await back;
        expect(await Promise.all(answers)).toEqual(numbers);
        expect(got).toEqual(numbers);
      });
    },
  );

  test(`[U42] a link that is dead and looks alive is left at once: one socket, on ${host}`, async () => {
    const both = await ends(host, { transports: ["websocket"] });
    const { io, proxy, client, log } = both;
    proxy.freeze();
    proxy.heal();
    for (const link of proxy.links) link.freeze();
    client.emit("n", 1);
    const back = resumed(client);
    client.io.engine.close();
    await back;
    await fence(both);
    expect(io.sockets.sockets.size).toBe(1);
    expect(log).toEqual(["resume"]);
  });

  test(`[U57] retries wait for no round trip, on ${host}`, async () => {
    const both = await ends(host, { transports: ["websocket"], retries: 3, ackTimeout: 10_000 });
    const { proxy, client, socket } = both;
    const got: unknown[] = [];
    socket.on("n", (n, answer) => {
      got.push(n);
      answer(n);
    });
    const numbers = Array.from({ length: 200 }, (_, n) => n);
    proxy.delay(25);
    const start = performance.now();
    expect(await Promise.all(numbers.map((n) => client.emitWithAck("n", n)))).toEqual(numbers);
    const tookMs = performance.now() - start;
    console.log(
      `retries over ${host}: ${numbers.length} events in ${tookMs.toFixed(0)} ms, at 50 ms a round trip`,
    );
    expect(tookMs).toBeLessThan((numbers.length * 50) / 4); // one by one it is 10 s
    expect(got).toEqual(numbers);
  });

  test(`[U56] classic events, on ${host}`, async () => {
    const both = await ends(host, { transports: ["websocket"], resumption: { events: "classic" } });
    const { proxy, client, socket, log } = both;
    const { id } = client;
    client.on("n", (n) => log.push(n));
    proxy.cut();
    const suspended = new Promise((resolve) => socket.resumption?.once("suspend", resolve));
    await suspended;
    socket.emit("n", 1);
    await expect.poll(() => log).toEqual(["disconnect transport close", "resume", "connect", 1]);
    expect([client.recovered, client.id]).toEqual([true, id]);
  });
}
