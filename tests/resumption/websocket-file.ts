import type { AddressInfo } from "node:net";
import type { Gap, Lost, RealtimeError } from "@bowline/client";
import type { Socket } from "@bowline/server";
import { describe, expect, test, vi } from "vitest";
import { WebSocketServer } from "ws";
import type { HostName } from "./hosts.ts";
import { closing, dial, ends, heard, page, reported, serve, statuses } from "./websocket-file-ends.ts";

/** What the whole client does over a WebSocket, driven with the file that has nothing else. */
export function websocketFile(host: HostName): void {
  describe(`[C83] bowline.websocket.esm.min.js, ${host}`, () => {
    talk(host);
    breaks(host);
    endings(host);
    pages(host);
  });
}

function talk(host: HostName): void {
  test("talks: auth, two namespaces on one connection, bytes and acks both ways", async () => {
    const { io, proxy } = await serve(host);
    const asked: unknown[] = [];
    io.of("/chat").use((socket, next) => {
      asked.push(socket.handshake.auth["token"], socket.handshake.query["room"]);
      next();
    });
    const entered = ["/", "/chat"].map((name) => heard<Socket>(io.of(name), "connection"));
    const client = dial(proxy.url, { auth: { token: 1 }, query: { room: 7 } });
    const chat = dial(`${proxy.url}/chat`, { auth: async () => ({ token: "late" }) });
    const [socket, other] = (await Promise.all(entered)) as [Socket, Socket];
    await expect.poll(() => client.connected && chat.connected).toBe(true);
    expect([socket.handshake.auth, asked]).toEqual([{ token: 1 }, ["late", "7"]]);
    expect([chat.io === client.io, proxy.attempts, chat.nsp]).toEqual([true, 1, "/chat"]);
    expect([client.id, chat.id]).toEqual([socket.id, other.id]);

    for (const each of [socket, other]) each.on("unanswered", () => {});
    for (const each of [socket, other]) each.on("twice", (bytes, answer) => answer(bytes, each.nsp.name));
    const answers = await new Promise<unknown[]>((resolve) =>
      chat.emit("twice", { at: new Uint8Array([1, 255]) }, (...answer: unknown[]) => resolve(answer)),
    );
    expect(answers).toEqual([{ at: new Uint8Array([1, 255]) }, "/chat"]);
    expect(await client.emitWithAck("twice", new Uint8Array([3]).buffer)).toEqual(new Uint8Array([3]));

    client.on("sum", (bytes: Uint8Array, answer) =>
      answer(
        bytes.reduce((a, b) => a + b, 0),
        bytes,
      ),
    );
    expect(await socket.emitWithAck("sum", Buffer.from([1, 2, 3]))).toBe(6);
    await expect(client.timeout(20).emitWithAck("unanswered")).rejects.toMatchObject({ code: "ack_timeout" });
    const late = new Promise<unknown>((resolve) => client.timeout(20).emit("unanswered", resolve));
    expect(await late).toMatchObject({ code: "ack_timeout" });
  });

  test("listeners: on, once, off; one that fails is reported, and its ack says so", async () => {
    const { client, socket } = await ends(host);
    const got: unknown[] = [];
    const never = (): void => void got.push("never");
    client.on("n", never);
    client.once("n", (n) => got.push("once", n));
    client.on("n", (n) => got.push(n));
    client.off("n", never);
    const error = new Error("not for others");
    client.on("fails", () => {
      throw error;
    });
    socket.emit("n", 1);
    socket.emit("n", 2);
    await expect(socket.emitWithAck("fails")).rejects.toMatchObject({ code: "handler_failed" });
    expect([got, reported.splice(0)]).toEqual([["once", 1, 1, 2], [error]]);
  });

  test("what a server refuses is told with its data, and is not tried again", async () => {
    const { io, proxy } = await serve(host);
    io.use((_socket, next) => next(Object.assign(new Error("no"), { data: { why: 7 } })));
    const client = dial(proxy.url, { auth: (answer) => answer({ token: 1 }) });
    const { code, message, data } = await heard<RealtimeError>(client, "connect_error");
    expect([code, message, data, client.active]).toEqual(["refused", "no", { why: 7 }, false]);
    expect(client.status.value.name).toBe("offline");
  });

  test("what cannot be sent throws: too large, too much, reserved, no JSON", async () => {
    const { client } = await ends(host, { maxHttpBufferSize: 1000 }, { resumption: { maxQueuedBytes: 500 } });
    const codeOf = (event: string, data: unknown): unknown => {
      try {
        return client.emit(event, data).connected;
      } catch (error) {
        return (error as RealtimeError).code;
      }
    };
    const codes = [
      codeOf("e", "x".repeat(2000)),
      codeOf("e", "x".repeat(600)),
      codeOf("connect", 1),
      codeOf("e", 1n),
    ];
    expect(codes).toEqual(["payload_too_large", "queue_full", "reserved_event", "unserializable"]);
  });
}

function breaks(host: HostName): void {
  test("goes on where its link broke: both ways, in order, once, with bytes and answers", async () => {
    const both = await ends(host);
    const { proxy, client, socket, log } = both;
    const { id } = client;
    const [up, down]: [unknown[], unknown[]] = [[], []];
    client.on("n", (n, bytes) => down.push(n, ...new Uint8Array(bytes)));
    socket.on("n", (n, bytes) => up.push(n, ...new Uint8Array(bytes)));
    let asked = 0;
    client.on("ask", (answer) => answer(`client ${++asked}`));
    socket.on("ask", (answer) => answer(`server ${++asked}`));
    for (let round = 0; round < 3; round++) {
      const back = heard(client.resumption, "resume");
      const answers = [client.emitWithAck("ask"), socket.emitWithAck("ask")];
      for (let n = 0; n < 20; n++) {
        if (n === 10) proxy.cut();
        client.emit("n", n, new Uint8Array([n]));
        socket.emit("n", n, Buffer.from([n]));
      }
      client.volatile.emit("n", "away", []);
      await back;
      expect((await Promise.all(answers)).map((answer) => String(answer).split(" ")[0])).toEqual([
        "server",
        "client",
      ]);
    }
    await client.emitWithAck("ask");
    const wanted = Array.from({ length: 60 }, (_, n) => [n % 20, n % 20]).flat();
    await expect.poll(() => down.length).toBe(wanted.length);
    expect([up, down, asked]).toEqual([wanted, wanted, 7]);
    expect([client.id, client.connected, client.recovered]).toEqual([id, true, true]);
    expect(log.filter((entry) => entry !== "resume" && !entry.startsWith("suspend: transport "))).toEqual([]);
    await expect.poll(() => client.status.value.unconfirmed).toBe(0);
  });

  test("a gap is announced: which events will never come", async () => {
    const { proxy, client, socket } = await ends(host, { resumption: { maxEvents: 5 } });
    const got: unknown[] = [];
    client.on("n", (n) => got.push(n));
    const gap = heard<Gap>(client.resumption, "gap");
    const suspended = heard(socket.resumption as never, "suspend");
    proxy.refuse();
    proxy.cut();
    await suspended;
    for (let n = 1; n <= 20; n++) socket.emit("n", n);
    proxy.heal();
    expect(await gap).toEqual({ from: 1, to: 20, why: "overflow" });
    socket.emit("n", 21);
    await expect.poll(() => got).toEqual([21]);
  });

  test("after the window it says what is lost, sends it again if told to, and its status says all that", async () => {
    const { io, proxy, client, log } = await ends(host, { resumption: { window: 50 } });
    const shown = statuses(client);
    const lost: Lost[] = [];
    client.resumption.on("lost", (what) => {
      lost.push(what);
      what.resend();
    });
    const got: unknown[] = [];
    io.on("connection", (other) => other.on("n", (n) => got.push(n)));
    const answer = client.emitWithAck("n", 1).catch((error: RealtimeError) => error.code);
    proxy.refuse();
    proxy.cut();
    await expect.poll(() => lost.length).toBe(1);
    client.emit("n", 2);
    proxy.heal();
    await expect.poll(() => got).toEqual([1, 2]);
    expect([lost[0]?.reason, await answer, client.recovered]).toEqual(["expired", "reply_lost", false]);
    expect(shown).toEqual(["online", "suspended", "connecting", "online"]);
    const told = log.filter((entry) => entry !== "transport_failed");
    expect(told.map((entry) => entry.replace(/transport (close|error)/, "…"))).toEqual([
      ...["suspend: …", "disconnect: …", "lost: expired", "connect"],
    ]);
  });

  test("comes back to a server that started again, which does not know it", async () => {
    const { restart, client, log } = await ends(host);
    const back = heard(client, "connect");
    await restart();
    await back;
    expect(log.filter((entry) => entry !== "transport_failed")).toEqual([
      ...["suspend: transport close", "disconnect: transport close", "lost: unknown", "connect"],
    ]);
  });

  test("waits a random part of a delay that doubles, up to its bound", async () => {
    const { proxy } = await serve(host);
    proxy.refuse();
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    const client = dial(proxy.url, {
      reconnectionDelay: 4,
      reconnectionDelayMax: 20,
      reconnectionAttempts: 5,
    });
    const delays: unknown[] = [];
    await new Promise<void>((resolve) =>
      client.io.on("state", (state) => {
        if (state.name === "waiting") delays.push(state.delayMs);
        if (state.name === "closed") resolve();
      }),
    );
    expect(delays).toEqual([2, 4, 8, 10, 10]);
  });
}

function endings(host: HostName): void {
  test("ends for whoever of both wants it, and tells why", async () => {
    const { io, client, socket, log } = await ends(host);
    const shown: unknown[] = [];
    client.status.subscribe(({ name, reason }) => shown.push([name, reason]));
    socket.disconnect();
    await expect.poll(() => shown).toEqual([["offline", "io server disconnect"]]);
    const entered = heard<Socket>(io, "connection");
    client.connect();
    const left = heard((await entered) as never, "disconnect");
    await expect.poll(() => client.status.value.name).toBe("online");
    client.disconnect();
    expect(await left).toBe("client namespace disconnect");
    await expect.poll(() => shown.at(-1)).toEqual(["offline", "io client disconnect"]);
    expect(log).toEqual(["disconnect: io server disconnect", "connect", "disconnect: io client disconnect"]);
    expect(client.io.state.name).toBe("closed");
  });

  test("one namespace leaves, and the other's connection stays", async () => {
    const { io, proxy, client, socket } = await ends(host);
    io.of("/chat");
    const chat = dial(`${proxy.url}/chat`);
    await heard(chat, "connect");
    chat.disconnect();
    socket.on("ask", (answer) => answer(1));
    expect(await client.emitWithAck("ask")).toBe(1);
    expect(proxy.attempts).toBe(1);
  });

  test("a link that is dead and looks alive is noticed by the server's silence", async () => {
    const { proxy, client, log } = await ends(host, { pingInterval: 500, pingTimeout: 500 });
    const back = heard(client.resumption, "resume");
    for (const link of proxy.links) link.freeze();
    await back;
    expect(log).toContain("suspend: ping timeout");
  });

  test("a machine that slept finds its link dead when it sends", async () => {
    const { client, socket, log } = await ends(host);
    const back = heard(client.resumption, "resume");
    const woken = Date.now() + 3_600_000;
    vi.spyOn(Date, "now").mockReturnValue(woken);
    client.emit("n", 1);
    expect([log, client.connected]).toEqual([["suspend: ping timeout"], true]);
    expect(await heard(socket as never, "n")).toBe(1);
    await back;
  });

  test("the server's pings are answered, and the link lives on", async () => {
    const { socket, log } = await ends(host, { pingInterval: 20, pingTimeout: 20_000 });
    for (let ping = 0; ping < 3; ping++) await heard(socket.conn as never, "heartbeat");
    expect([log, socket.connected]).toEqual([[], true]);
  });

  test("a server that answers nothing is a failure in time", async () => {
    const { proxy } = await serve(host);
    proxy.freeze();
    const client = dial(proxy.url, { timeout: 50, reconnection: false });
    const error = await heard<RealtimeError>(client, "connect_error");
    expect([error.code, error.message, client.active]).toEqual([
      "transport_failed",
      "silent for 50 ms",
      true,
    ]);
  });

  test.each([
    ["no handshake", ["6"], "connect_error"],
    ["one without an interval", ["0{}"], "connect_error"],
    ["one that is no JSON", ["0{"], "connect_error"],
    ["a packet that cannot be read", [OPEN, '40{"sid":"x"}', "49"], "parse error"],
    ["the end", [OPEN, '40{"sid":"x"}', "1"], "transport close"],
  ])("a server that says %s ends the connection", async (_what, frames, told) => {
    const server = new WebSocketServer({ port: 0 });
    closing.push(() => server.close());
    server.on("connection", (ws) => frames.forEach((frame) => ws.send(frame)));
    const client = dial(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, { reconnection: false });
    const reason = new Promise<string>((resolve) => {
      client.on("connect_error", ({ code }) => resolve(code === "transport_failed" ? "connect_error" : code));
      client.on("disconnect", resolve);
    });
    expect(await reason).toBe(told);
  });
}

const OPEN = '0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}';

function pages(host: HostName): void {
  const SLOW = { reconnectionDelay: 600_000, reconnectionDelayMax: 600_000 };

  test("a page that is told of its network asks for a sign of life, and where none comes it is back at once", async () => {
    const { proxy, client, log } = await ends(host, {}, SLOW);
    const back = heard(client.resumption, "resume");
    for (const link of proxy.links) link.freeze();
    page.dispatchEvent(new Event("online"));
    await back;
    expect(log).toEqual(["suspend: ping timeout", "resume"]);
  });

  test("going offline ends the link, and going online makes it anew without waiting", async () => {
    const { client, log } = await ends(host, {}, SLOW);
    page.dispatchEvent(new Event("offline"));
    expect([log.splice(0), client.status.value.name]).toEqual([["suspend: transport close"], "suspended"]);
    const back = heard(client.resumption, "resume");
    page.dispatchEvent(new Event("online"));
    await back;
  });

  test("a page that goes for good says so", async () => {
    const { socket } = await ends(host);
    const left = heard(socket as never, "disconnect");
    page.dispatchEvent(Object.assign(new Event("pagehide"), { persisted: false }));
    expect(await left).toBe("client namespace disconnect");
  });
}
