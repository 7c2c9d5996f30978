import { randomBytes } from "node:crypto";
import { Server, type ServerOptions } from "@bowline/server";
import { call, type HostUnderTest } from "@bowline/server/testing";
import { afterEach, describe, expect, test, vi } from "vitest";
import { RawSse } from "./raw-sse.ts";

type Session = Parameters<Parameters<Server["engine"]["on"]>[1]>[0] & {
  readonly id: string;
  listener: object;
  readonly bufferedAmount: number;
  readonly readyState: string;
  send(data: string | Uint8Array, callback?: () => void): unknown;
  on(event: string, listener: (...args: never[]) => void): unknown;
  close(discard?: boolean): unknown;
};

const MEBIBYTE = 1024 * 1024;
const TEXTS = [
  "\n",
  "a\r\nb",
  "\r",
  "x\u2028y\u2029",
  "\u{1f600} ü €",
  "",
  " ",
  "j",
  "b",
  "\u0000",
  "data: x\n\nevent: end\n\n",
];

/** Server-sent events on a real host, against a client that shares no code with it. */
export function sseTest(host: HostUnderTest): void {
  let io: Server | undefined;
  let port = 0;
  const errors: unknown[] = [];
  const clients: RawSse[] = [];

  /** A session and its peer. */
  const enter = async (options: ServerOptions = {}): Promise<{ client: RawSse; session: Session }> => {
    if (!io) {
      io = new Server({ onError: (error) => errors.push(error), ...options });
      port = await host.listen((attached) => io?.attach(attached));
    }
    const opened = new Promise<Session>((resolve) => io?.engine.once("connection", resolve as never));
    const client = await RawSse.open(port);
    clients.push(client);
    const session = await opened;
    // What is sent here is no Socket.IO, so the layer above must not hear it.
    session.listener = { message() {}, close() {} };
    return { client, session };
  };

  const collect = (session: Session): (string | Buffer)[] => {
    const heard: (string | Buffer)[] = [];
    session.on("message", (data: string | Buffer) => heard.push(data));
    return heard;
  };

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await io?.close();
    io = undefined;
    expect(errors.splice(0)).toEqual([]);
  });

  describe(`server-sent events on ${host.name}`, () => {
    test("[V2] the answer is a stream that no proxy holds back, without a length", async () => {
      const { client } = await enter({ cors: { origin: "https://a.example" } });
      expect([client.status, client.headers]).toEqual([
        200,
        expect.objectContaining({
          "content-type": "text/event-stream; charset=utf-8",
          "cache-control": "no-cache, no-store, no-transform",
          "x-accel-buffering": "no",
          "access-control-allow-origin": "https://a.example",
        }),
      ]);
      expect(client.headers).not.toHaveProperty("content-length");
      expect(client.headers).not.toHaveProperty("content-encoding");
      expect(String(client.packets[0])).toContain('"upgrades":["websocket"]');
      await client.when(() => client.packets.length === 2);
      expect(client.events).toEqual([1, 1]);
    });

    test("[V1, V4] every byte comes back as it was, line ends and a mebibyte of bytes among them", async () => {
      const { client, session } = await enter({ maxHttpBufferSize: 3 * MEBIBYTE });
      session.on("message", (data: string | Buffer) => session.send(data));
      const bytes = randomBytes(MEBIBYTE);
      const expected = [...TEXTS, bytes, Buffer.alloc(0), "the end"];
      for (const data of expected) {
        expect(await client.post([typeof data === "string" ? `4${data}` : data])).toBe(200);
      }
      await client.when(() => client.messages.length === expected.length);
      const isSame = client.messages.map((message, index) => {
        const wanted = expected[index] ?? "";
        return typeof message === "string" ? message === wanted : message.equals(Buffer.from(wanted));
      });
      expect(isSame).toEqual(expected.map(() => true));
      expect(client.messages.map((message) => typeof message)).toEqual(expected.map((data) => typeof data));
    });

    test("[V1] one GET carries it all: 600 tokens are 600 events, and the server never waits for a request", async () => {
      const { client, session } = await enter();
      const heard = collect(session);
      for (let token = 0; token < 600; token++) {
        session.send(`token ${token}`);
        const count = token + 1;
        await client.when(() => client.messages.length === count);
      }
      expect(client.gets).toBe(1);
      // One event each, and one for the open packet and the noop.
      const controls = client.packets.length - 600;
      expect([client.events.length, client.events.every((packets) => packets === 1)]).toEqual([
        600 + controls,
        true,
      ]);
      expect(controls).toBeLessThanOrEqual(2);
      expect(heard).toEqual([]);
    });

    test("[V4] a POST whose answer was lost, or that broke off, is sent again and has one effect", async () => {
      const { client, session } = await enter();
      const heard = collect(session);
      for (let round = 0; round < 10; round++) {
        await client.postAndLose([`4${round}`], round % 2 === 0 ? "answer" : "body");
        await vi.waitFor(async () => expect(await client.post([`4${round}`], client.seq + 1)).toBe(200));
        client.seq++;
        expect(await client.post([`4${round}`], client.seq)).toBe(200);
      }
      expect(heard).toEqual(Array.from({ length: 10 }, (_, round) => String(round)));
      expect(await client.post(["4gap"], client.seq + 2)).toBe(409);
      expect([heard.length, session.readyState]).toEqual([10, "open"]);
    });

    test("[V6, V7] rotation every few milliseconds under load loses nothing, with one GET for each", async () => {
      const { client, session } = await enter({ sse: { maxAge: 5 } });
      const heard = collect(session);
      for (let index = 0; index < 1500; index++) {
        session.send(`${index}:${"x".repeat(index % 300)}`);
        if (index % 10 === 0) expect(await client.post([`4${index / 10}`])).toBe(200);
        if (index % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      await client.when(() => client.messages.length === 1500);
      expect(client.messages).toEqual(
        Array.from({ length: 1500 }, (_, index) => `${index}:${"x".repeat(index % 300)}`),
      );
      expect(heard).toEqual(Array.from({ length: 150 }, (_, index) => String(index)));
      expect(client.gets).toBeGreaterThan(3);
      expect([session.readyState, client.status]).toEqual(["open", 200]);
    });

    test("[V7] who did not get everything is told so", async () => {
      const { client, session } = await enter({ sse: { maxAge: 60_000, maxBytes: 500 } });
      client.packets.push("one that never came");
      const ended = new Promise<string>((resolve) => session.on("close", resolve as never));
      session.send("x".repeat(600));
      await client.over;
      expect([client.status, client.gets, await ended]).toEqual([410, 2, "transport error"]);
    });

    test("[V8] a stream that is cut in the midst of a flush ends the session, a hundred times", async () => {
      for (let round = 0; round < 100; round++) {
        const { client, session } = await enter();
        const ended = new Promise<string>((resolve) => session.on("close", resolve as never));
        session.send("x".repeat(100_000 + round));
        if (round % 2 === 0) await client.when(() => client.packets.length > 1);
        client.cut();
        expect(await ended).toBe("transport close");
      }
      expect(io?.engine.clientsCount).toBe(0);
    });

    test("[V10] a close lets leave what was sent, then the close packet, and the stream is whole", async () => {
      const { client, session } = await enter();
      for (let index = 0; index < 50; index++) session.send("x".repeat(50_000));
      session.close();
      await client.when(() => client.packets.at(-1) === "1");
      expect(client.messages.length).toBe(50);
      await vi.waitFor(() => expect(io?.engine.clientsCount).toBe(0));
    });

    test("[V10] a server that closes says so over every stream", async () => {
      const { client } = await enter();
      const other = await enter();
      await io?.close();
      for (const each of [client, other.client]) {
        await each.over;
        expect(each.packets.at(-1)).toBe("1");
      }
    });

    test("[V11] who sends may stop at a mebibyte that a stalled reader did not take, and go on when it has", async () => {
      const { client, session } = await enter();
      const piece = "é".repeat(16 * 1024);
      client.pause();
      let sent = 0;
      const fill = async (): Promise<void> => {
        while (session.bufferedAmount < MEBIBYTE) {
          session.send(piece);
          sent++;
          await new Promise((resolve) => setImmediate(resolve));
        }
      };
      await fill();
      // Not an estimate of the hosts': it grows and shrinks by what is sent and what is read.
      const before = session.bufferedAmount;
      session.send(piece);
      sent++;
      expect(session.bufferedAmount - before).toBe(Buffer.byteLength(piece));
      client.resume();
      await vi.waitFor(() => expect(session.bufferedAmount).toBe(0), { timeout: 10_000 });
      client.pause();
      await fill();
      client.resume();
      await client.when(() => client.messages.length === sent);
      expect(client.messages.every((message) => message === piece)).toBe(true);
    });

    test("[V10, V11] a stalled reader that is given up is cut, and what waited for it is free", async () => {
      const { client, session } = await enter();
      client.pause();
      while (session.bufferedAmount < MEBIBYTE) {
        session.send("x".repeat(64 * 1024));
        await new Promise((resolve) => setImmediate(resolve));
      }
      session.close(true);
      expect([io?.engine.clientsCount, session.bufferedAmount]).toEqual([0, 0]);
      client.resume();
      expect(await client.over).toBe("cut");
    });

    test("[V12] an upgrade under traffic in both directions keeps the order, without a double", async () => {
      for (let round = 0; round < 5; round++) {
        const { client, session } = await enter();
        const heard = collect(session);
        let down = 0;
        let up = 0;
        const say = (): void => {
          for (let burst = 0; burst < 3; burst++) session.send(`${down++}:${"x".repeat((down * 37) % 9000)}`);
        };
        const timer = setInterval(say, 1);
        for (; up < 20; up++) expect(await client.post([`4${up}`])).toBe(200);
        await client.upgrade();
        for (; up < 40; up++) client.socket?.send(`4${up}`);
        expect(await client.over).toBe("ended");
        await vi.waitFor(() => expect(heard.length).toBe(40));
        clearInterval(timer);
        await client.when(() => client.messages.length === down);
        expect(client.messages.map((message) => Number.parseInt(String(message)))).toEqual(
          Array.from({ length: down }, (_, index) => index),
        );
        expect(heard).toEqual(Array.from({ length: 40 }, (_, index) => String(index)));
        expect(client.gets).toBe(1);
      }
    });

    test("[V13] a server without it refuses as Engine.IO does", async () => {
      io = new Server({ transports: ["polling", "websocket"] });
      port = await host.listen((attached) => io?.attach(attached));
      const { status, body } = await call(port, { path: "/socket.io/?EIO=4&transport=sse" });
      expect([status, body.toString()]).toEqual([400, '{"code":0,"message":"Transport unknown"}']);
    });
  });
}
