import type { Socket as TcpSocket } from "node:net";
import { expect, test } from "vitest";
import { RawSse } from "../contract/raw-sse.ts";
import { openPolling, openTcp, openWebSocket, post, settled, sleep } from "./attacker.ts";
import type { Expose, Victim } from "./victim.ts";

const PATH = "/socket.io/?EIO=4&transport=sse";
/** What may be put where a number is expected. */
const NUMBERS = [
  "",
  "0",
  "-1",
  "1",
  "2",
  "1e3",
  "NaN",
  "null",
  "__proto__",
  "1,1",
  "%31",
  "%00",
  "9".repeat(400),
  "1&seq=2",
];
/** Every status that a request of a session may get. */
const STATUSES: ReadonlySet<number> = new Set([200, 400, 409, 410, 413, 500, 503]);

/** Attacks on server-sent events. Whatever happens, nothing stays behind and the next client is served. */
export function streams(expose: Expose): void {
  numbers(expose);
  floods(expose);
  shapes(expose);
}

function isEmpty({ io }: Victim): boolean {
  return io.connectionsCount === 0 && io.engine.clientsCount === 0;
}

async function isServed({ io, port }: Victim): Promise<boolean> {
  io.removeAllListeners("connection").on("connection", (socket) => socket.emit("hello"));
  const client = await RawSse.open(port);
  expect(await client.post(["40"])).toBe(200);
  await client.when(() => client.messages.includes('2["hello"]'));
  client.close();
  return true;
}

function numbers(expose: Expose): void {
  test("[V5] whatever stands for a number, a POST counts once or not at all", async () => {
    const victim = await expose();
    const { io, port } = victim;
    const heard: unknown[] = [];
    io.on("connection", (socket) => socket.on("x", (value) => heard.push(value)));
    const client = await RawSse.open(port);
    await client.post(["40"]);
    for (const number of NUMBERS) {
      const status = await client.post([`42["x","${heard.length}"]`], number);
      expect(STATUSES).toContain(status);
    }
    // "2" was the next one, in three spellings of which the last says it twice.
    expect(heard).toEqual(["0"]);
    client.seq = 2;
    expect(await client.post(['42["x","last"]'])).toBe(200);
    expect(heard).toEqual(["0", "last"]);
    client.close();
    expect(await settled(() => isEmpty(victim), Boolean)).toBe(true);
  });

  test("[V7, V9] whatever stands for `from`, a stream that goes on is complete, or ends", async () => {
    for (const isResting of [true, false]) {
      for (const number of NUMBERS) {
        const victim = await expose(isResting ? { sse: { maxAge: 1 } } : {});
        const tcp = await openTcp(victim.port, `GET ${PATH} HTTP/1.1\r\nHost: x\r\n\r\n`);
        const opened = await readUntil(tcp, isResting ? "event: end" : "data:0");
        const sid = /"sid":"([^"]+)/.exec(opened)?.[1] ?? "";
        const response = await fetch(`http://127.0.0.1:${victim.port}${PATH}&sid=${sid}&from=${number}`);
        const isNext = isResting && ["1", "%31", "1&seq=2"].includes(number);
        expect([number, response.status]).toEqual([number, isNext ? 200 : isResting ? 410 : 400]);
        await response.body?.cancel();
        tcp.destroy();
        // What went on rests again after a millisecond, and is waited for.
        if (!isNext) expect(await settled(() => isEmpty(victim), Boolean)).toBe(true);
        await victim.io.close();
        expect(isEmpty(victim)).toBe(true);
      }
    }
  });
}

function floods(expose: Expose): void {
  test("[V9] a flood of GETs for one session ends that session, and no other", async () => {
    const victim = await expose();
    const { port } = victim;
    const other = await RawSse.open(port);
    const client = await RawSse.open(port);
    const paths = Array.from({ length: 200 }, (_, index) => `${PATH}&sid=${client.sid}&from=${index % 5}`);
    const statuses = await Promise.all(
      paths.map(async (path) => {
        const response = await fetch(`http://127.0.0.1:${port}${path}`);
        await response.body?.cancel();
        return response.status;
      }),
    );
    expect(new Set(statuses)).toEqual(new Set([400]));
    await client.over;
    expect([client.packets.at(-1), victim.io.engine.clientsCount]).toEqual(["1", 1]);
    other.close();
    client.close();
    expect(await settled(() => isEmpty(victim), Boolean)).toBe(true);
  });

  test("[V5] POSTs that never end hold four bodies, and the session goes on", async () => {
    const victim = await expose();
    const client = await RawSse.open(victim.port);
    const half = `POST ${PATH}&sid=${client.sid}&seq=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n4`;
    const stuck: TcpSocket[] = [];
    for (let index = 0; index < 30; index++) stuck.push(await openTcp(victim.port, half));
    let status = 200;
    for (let tries = 0; tries < 50 && status !== 503; tries++) {
      await sleep(5);
      status = await client.post(["47"], 1);
    }
    expect(status).toBe(503);
    for (const socket of stuck) socket.destroy();
    for (let tries = 0; tries < 50 && status !== 200; tries++) {
      status = await client.post(["40"], 1);
      await sleep(5);
    }
    expect(status).toBe(200);
    client.close();
    expect(await settled(() => isEmpty(victim), Boolean)).toBe(true);
  });

  test("[V8, V11] readers that stall are given up, and take nothing with them", async () => {
    const victim = await expose();
    const { io, port } = victim;
    const text = "x".repeat(256 * 1024);
    io.engine.on("connection", (session) => {
      const send = (): void => {
        if (session.readyState !== "open") return;
        // What an application's bound does.
        if (session.transport.bufferedAmount > 1024 * 1024) return void session.close(true);
        session.send(text);
        setImmediate(send);
      };
      send();
    });
    const clients = await Promise.all(
      Array.from({ length: 10 }, () => openTcp(port, `GET ${PATH} HTTP/1.1\r\nHost: x\r\n\r\n`)),
    );
    for (const client of clients) client.pause();
    expect(await settled(() => isEmpty(victim), Boolean)).toBe(true);
    for (const client of clients) client.destroy();
    io.engine.removeAllListeners("connection");
    expect(await isServed(victim)).toBe(true);
  });

  test("[V8, V12] streams that are reset at any point, also in an upgrade, leave nothing behind", async () => {
    const victim = await expose();
    victim.io.on("connection", (socket) => socket.emit("hello", "x".repeat(50_000)));
    for (let round = 0; round < 60; round++) {
      const client = await RawSse.open(victim.port);
      if (round % 3 > 0) void client.post(["40"]);
      if (round % 4 === 0) {
        const { ws } = await openWebSocket(victim.port, `&sid=${client.sid}`);
        ws.send("2probe");
        if (round % 8 === 0) ws.send("5");
        await sleep(round % 5);
        ws.terminate();
      }
      client.close();
    }
    expect(await settled(() => isEmpty(victim), Boolean)).toBe(true);
    expect(victim.errors).toEqual([]);
    expect(await isServed(victim)).toBe(true);
  });
}

function shapes(expose: Expose): void {
  test("[V13] requests of one transport for a session of another change nothing", async () => {
    const victim = await expose();
    const client = await RawSse.open(victim.port);
    const poller = await openPolling(victim.port);
    expect((await post(victim.port, client.sid, "40")).status).toBe(400);
    const wrong = await fetch(`http://127.0.0.1:${victim.port}${PATH}&sid=${poller}&seq=1`, {
      method: "POST",
      body: "40",
    });
    expect([wrong.status, victim.io.engine.clientsCount]).toEqual([400, 2]);
    expect(await client.post(["40"])).toBe(200);
    expect((await post(victim.port, poller, "40")).status).toBe(200);
    client.close();
  });

  test.each([
    ["a body", "Content-Length: 5", "hello"],
    ["a body that does not end", "Content-Length: 500", "hello"],
    ["an expectation", "Expect: 100-continue", ""],
    ["a range", "Range: bytes=0-3", ""],
    ["every encoding", "Accept-Encoding: gzip, br, deflate, *", ""],
    ["a type that it does not take", "Accept: image/png", ""],
    ["an upgrade to something else", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c", ""],
    ["a last event of another stream", "Last-Event-ID: 77", ""],
  ])("[V2] a GET with %s is answered, or its link is cut", async (_what, header, body) => {
    const victim = await expose();
    const tcp = await openTcp(victim.port, `GET ${PATH} HTTP/1.1\r\nHost: x\r\n${header}\r\n\r\n${body}`);
    const got = await readUntil(tcp, "data:0");
    if (got.includes("HTTP/1.1 200")) {
      expect(got).toMatch(/transfer-encoding: chunked/i);
      expect(got).not.toMatch(/content-(length|encoding)/i);
    }
    tcp.destroy();
    expect(await settled(() => isEmpty(victim), Boolean)).toBe(true);
    expect(await isServed(victim)).toBe(true);
  });

  test("[V2] HTTP/1.0 gets the stream without chunks, or is refused", async () => {
    const victim = await expose();
    const tcp = await openTcp(victim.port, `GET ${PATH} HTTP/1.0\r\nHost: x\r\n\r\n`);
    const got = await readUntil(tcp, "data:0");
    if (/^HTTP\/1.1 200/.test(got)) expect(got).not.toMatch(/transfer-encoding/i);
    tcp.destroy();
    expect(await settled(() => isEmpty(victim), Boolean)).toBe(true);
    expect(await isServed(victim)).toBe(true);
  });
}

/** What came until the text was there, the link was closed, or two seconds had passed. */
function readUntil(socket: TcpSocket, text: string): Promise<string> {
  let got = "";
  return new Promise((resolve) => {
    setTimeout(() => resolve(got), 2_000).unref();
    socket.once("close", () => resolve(got));
    socket.on("data", (chunk: Buffer) => {
      got += chunk.toString("latin1");
      if (got.includes(text)) resolve(got);
    });
  });
}
