import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, type Socket } from "@bowline/server";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  chunked,
  DEEP,
  halfPost,
  openPolling,
  openTcp,
  openWebSocket,
  poll,
  post,
  settled,
  sleep,
  textFrame,
  upgradeHead,
} from "./attacker.ts";
import { seams } from "./seams.ts";
import { streams } from "./streams.ts";
import type { Expose, Victim } from "./victim.ts";

/** What is left of all that came: connections, sockets, rooms. */
function left({ io }: Victim): number[] {
  return [io.connectionsCount, io.sockets.sockets.size, io.sockets._rooms.size];
}

function isNothing(counts: readonly number[]): boolean {
  return counts.every((count) => count === 0);
}

/** Attacks on a real port. Whatever happens, the process lives, nothing stays behind, and the next client is served. */
export function attacks(name: string, exposeHost: Expose): void {
  const escaped: unknown[] = [];
  const note = (error: unknown): unknown => escaped.push(error);
  const victims: Victim[] = [];
  const expose: Expose = async (options) => {
    const made = await exposeHost(options);
    victims.push(made);
    return made;
  };

  beforeAll(() => void process.on("unhandledRejection", note).on("uncaughtException", note));
  afterAll(() => void process.off("unhandledRejection", note).off("uncaughtException", note));
  afterEach(async () => {
    for (const { io } of victims.splice(0)) await io.close();
    expect(escaped.splice(0)).toEqual([]);
  });

  describe(name, () => {
    leaving(expose);
    malformed(expose);
    upgrading(expose);
    closing(expose);
    closingInside(expose);
    seams(expose);
    streams(expose);
  });
}

function leaving(expose: Expose): void {
  test("clients that reset their connection at any point leave nothing behind", async () => {
    const victim = await expose();
    victim.io.use((socket, next) => {
      socket.join("lobby");
      setTimeout(next, 2);
    });
    victim.io.on("connection", (socket) => socket.emit("hello"));
    for (let round = 0; round < 150; round += 1) {
      const socket = await openTcp(victim.port, upgradeHead());
      if (round % 4 > 0) socket.write(textFrame("40"));
      if (round % 4 > 1) socket.write(textFrame('451-["x",{"_placeholder":true,"num":0}]'));
      if (round % 3 > 0) await sleep(round % 6);
      victim.io.to("lobby").emit("news");
      socket.resetAndDestroy();
    }
    expect(await settled(() => left(victim), isNothing)).toEqual([0, 0, 0]);
    expect(victim.errors).toEqual([]);
  });

  test("[E13] an upload that is cut off ends its session", async () => {
    const victim = await expose();
    const socket = await openTcp(victim.port, halfPost(await openPolling(victim.port)));
    await sleep(20);
    socket.resetAndDestroy();
    expect(await settled(() => left(victim), isNothing)).toEqual([0, 0, 0]);
  });

  test("thousands of sockets on one connection, admitted or refused, leave nothing behind", async () => {
    const victim = await expose();
    let disconnects = 0;
    victim.io.use((socket, next) => {
      socket.join("lobby");
      next(disconnects % 2 === 0 ? undefined : new Error("odd"));
      disconnects += 1;
    });
    victim.io.on("connection", (socket) => void socket.emitWithAck("never answered").catch(() => {}));
    const { ws, got } = await openWebSocket(victim.port);
    for (let round = 0; round < 1_000; round += 1) {
      ws.send("40");
      if (round % 2 === 0) ws.send("41");
    }
    await settled(
      () => got.length,
      (count) => count === 1_500,
    );
    expect([disconnects, ...left(victim)]).toEqual([1_000, 1, 0, 0]);
  });

  test("[S53] volatile events to a client that does not read are dropped, not piled up", async () => {
    const victim = await expose();
    const admitted = new Promise<Socket>((resolve) => victim.io.once("connection", resolve));
    const { ws, got } = await openWebSocket(victim.port);
    ws.send("40");
    const socket = await admitted;
    ws.pause();
    const text = "x".repeat(100_000);
    for (let count = 0; count < 500; count += 1) {
      socket.volatile.emit("news", text);
      if (count % 10 === 0) await new Promise(setImmediate);
    }
    ws.resume();
    await sleep(200);
    expect(got.length).toBeLessThan(400);
    socket.emit("last");
    expect(
      await settled(
        () => got.at(-1),
        (frame) => frame === '42["last"]',
      ),
    ).toBe('42["last"]');
  });
}

function malformed(expose: Expose): void {
  test("[S12] JSON 100 000 levels deep is a failure of the handler that sends it on, and of nobody else", async () => {
    const { io, port, errors } = await expose();
    io.on("connection", (socket) => {
      socket.on("echo", (value: unknown, answer: (value: unknown) => void) => answer(value));
      socket.on("all", (value) => io.emit("all", value));
      socket.on("ask", (answer: () => void) => answer());
    });
    const { ws, got } = await openWebSocket(port);
    ws.send("40");
    ws.send(`421["echo",${DEEP}]`);
    ws.send(`42["all",${DEEP}]`);
    ws.send('422["ask"]');
    await settled(
      () => got.length,
      (count) => count === 3,
    );
    expect(got.slice(1)).toEqual(['431[{"$error":{"message":"the handler of \\"echo\\" failed"}}]', "432[]"]);
    expect(errors).toEqual(Array(2).fill([expect.objectContaining({ code: "unserializable" }), "handler"]));
  });

  test.each([
    ["an ack with an id that no number holds", ["439007199254740993[]"]],
    ["bytes behind a packet that announced none", ['450-["x"]', Buffer.of(1)]],
    ["text where an attachment was due", ['451-["x",{"_placeholder":true,"num":0}]', '42["y"]']],
    ["a namespace that was not joined", ['42/__proto__,["x"]']],
    ["an empty frame", [""]],
  ])("[S33] %s closes that connection, and the next client is served", async (_what, frames) => {
    const victim = await expose();
    victim.io.on("connection", () => {});
    const { ws, closed } = await openWebSocket(victim.port);
    for (const frame of ["40", ...frames]) ws.send(frame);
    await closed;
    expect(await settled(() => left(victim), isNothing)).toEqual([0, 0, 0]);
    const next = await openWebSocket(victim.port);
    next.ws.send("40");
    next.ws.send("4399[]");
    expect(
      await settled(
        () => next.got.length,
        (count) => count === 1,
      ),
    ).toBe(1);
  });

  test("[E9] a namespace may be called __proto__, and another name of Object.prototype is none", async () => {
    const { io, port } = await expose();
    io.of("__proto__").on("connection", (socket) => socket.emit("hello"));
    const { ws, got } = await openWebSocket(port);
    ws.send("40/__proto__,");
    ws.send("40/constructor,");
    await settled(
      () => got.length,
      (count) => count === 3,
    );
    expect(got.slice(1)).toEqual([
      '42/__proto__,["hello"]',
      '44/constructor,{"message":"Invalid namespace"}',
    ]);
    expect([(await poll(port, "__proto__")).status, (await poll(port, "toString")).status]).toEqual([
      400, 400,
    ]);
  });

  test("[H9] bodies over the limit, honest or chunked, are refused, and their sessions live", async () => {
    const { io, port } = await expose({ maxHttpBufferSize: 1_000 });
    const sids = [await openPolling(port), await openPolling(port)] as const;
    const honest = await post(port, sids[0], "4".repeat(2_000));
    const lying = await post(port, sids[1], chunked(10, 200));
    expect([honest.status, lying.status, io.connectionsCount]).toEqual([413, 413, 2]);
  });
}

function upgrading(expose: Expose): void {
  test("[E18] of two upgrades at once one is taken; later and invented ones change nothing", async () => {
    const { io, port } = await expose();
    io.on("connection", () => {});
    const sid = await openPolling(port);
    const first = await openWebSocket(port, `&sid=${sid}`);
    const second = await openWebSocket(port, `&sid=${sid}`);
    expect(await second.closed).toBe(1000);
    for (const frame of ["2probe", "5", "40"]) first.ws.send(frame);
    await settled(
      () => first.got.length,
      (count) => count === 2,
    );
    expect(first.got).toEqual(["3probe", expect.stringMatching(/^40/)]);
    expect(await (await openWebSocket(port, `&sid=${sid}`)).closed).toBe(1000);
    for (const invented of ["nope", "__proto__", "constructor"]) {
      expect(await (await openWebSocket(port, `&sid=${invented}`)).closed).toBe(1006);
    }
    expect([io.connectionsCount, first.ws.readyState]).toEqual([1, first.ws.OPEN]);
  });

  test("[H11] a refused upgrade survives bad frames and a reset", async () => {
    const { port } = await expose();
    for (const delay of [0, 10]) {
      const socket = await openTcp(port, upgradeHead("&sid=nope"));
      await sleep(delay);
      socket.write(Buffer.of(0xff, 0xff, 1, 2, 3));
      await sleep(5);
      socket.resetAndDestroy();
    }
    expect((await openWebSocket(port)).ws.readyState).toBe(1);
  });
}

function closing(expose: Expose): void {
  test("[H12] clients that finish nothing cannot hold io.close() up", async () => {
    const victim = await expose();
    await openTcp(victim.port);
    await openTcp(victim.port, "GET /socket.io/?EIO=4 HTTP/1.1\r\nHost:");
    await openTcp(victim.port, halfPost(await openPolling(victim.port)));
    (await openTcp(victim.port, upgradeHead())).pause();
    await sleep(50);
    const from = performance.now();
    await victim.io.close();
    expect(performance.now() - from).toBeLessThan(3_000);
    expect(left(victim)).toEqual([0, 0, 0]);
  });

  test("[S23, S38] io.close() ends acks and guards that are waited for, and may be called twice", async () => {
    const victim = await expose();
    const outcomes: unknown[] = [];
    let letIn = (): void => {};
    victim.io.of("/slow").use((_socket, next) => (letIn = next));
    victim.io.of("/slow").on("connection", () => outcomes.push("connected"));
    victim.io.on("connection", async (socket) => {
      outcomes.push(
        await socket
          .timeout(60_000)
          .emitWithAck("ask")
          .catch((error: { code: string }) => error.code),
      );
    });
    const { ws, got, closed } = await openWebSocket(victim.port);
    ws.send("40");
    ws.send("40/slow,");
    await settled(
      () => got.length,
      (count) => count === 2,
    );
    await Promise.all([victim.io.close(), victim.io.close()]);
    letIn();
    await closed;
    expect(outcomes).toEqual(["disconnected"]);
    expect(left(victim)).toEqual([0, 0, 0]);
  });

  test("[H14] a port that is taken is reported once, and nothing has to be cleaned up", async () => {
    const { port } = await expose();
    const errors: unknown[] = [];
    const io = new Server(port, { onError: (error, { stage }) => errors.push([error, stage]) });
    await expect(io.ready).rejects.toMatchObject({ code: "listen_failed" });
    await io.close();
    expect(errors).toEqual([[expect.objectContaining({ code: "listen_failed" }), "listen"]]);
  });
}

function closingInside(expose: Expose): void {
  test.each(["use", "connection", "event", "disconnecting", "disconnect"])(
    "[E22] io.close() inside a listener (%s) closes all, once",
    async (where) => {
      const victim = await expose();
      const { io, errors } = victim;
      const close = (at: string) => (): unknown => (at === where ? io.close() : undefined);
      io.use((_socket, next) => {
        close("use")();
        next();
      });
      io.on("connection", (socket) => {
        close("connection")();
        for (const name of ["disconnecting", "disconnect"] as const) socket.on(name, close(name));
        socket.on("event", close("event"));
      });
      const both = [await openWebSocket(victim.port), await openWebSocket(victim.port)];
      for (const { ws } of both) ws.send("40");
      await sleep(20);
      both[0]?.ws.send('42["event"]');
      both[0]?.ws.send("41");
      await Promise.all(both.map(({ closed }) => closed));
      await io.close();
      expect([left(victim), errors]).toEqual([[0, 0, 0], []]);
    },
  );

  test("one server on two hosts serves both, in one room, and closes both", async () => {
    const { io, port } = await expose();
    const http = createServer();
    io.attach(http);
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    io.on("connection", (socket) => socket.join("lobby"));
    const both = [await openWebSocket(port), await openWebSocket((http.address() as AddressInfo).port)];
    for (const { ws } of both) ws.send("40");
    await settled(
      () => io.in("lobby"),
      () => both.every(({ got }) => got.length === 1),
    );
    io.to("lobby").emit("news");
    await settled(
      () => both,
      () => both.every(({ got }) => got.length === 2),
    );
    expect(both.map(({ got }) => got[1])).toEqual(['42["news"]', '42["news"]']);
    await io.close();
    expect([await both[0]?.closed, await both[1]?.closed, http.listening]).toEqual([
      expect.any(Number),
      expect.any(Number),
      false,
    ]);
  });
}
