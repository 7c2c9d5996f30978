import { randomBytes } from "node:crypto";
import { io as connect, type Socket as Client } from "@bowline/client";
import { Server, type Socket } from "@bowline/server";
import { afterEach, describe, expect, test } from "vitest";
import { FaultProxy } from "../faults/proxy.ts";
import { openRawSocket, type RawSocket } from "../interop/raw-peer.ts";
import { HOSTS, listenOn } from "./hosts.ts";

const MEBIBYTE = 1024 * 1024;
const MISSED = 1_000;
const MOST_MS = 50;
const MOST_ROUNDS = 20;
/** How many answers are kept. */
const KEPT = 256;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A peer that is made by hand, with the reply to its CONNECT. */
async function enter(port: number, rs?: object): Promise<{ peer: RawSocket; reply: string }> {
  const peer = await openRawSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`);
  closing.push(() => peer.terminate());
  peer.closed.catch(() => undefined);
  await peer.next();
  peer.send(`40${rs ? JSON.stringify({ $x: { rs } }) : ""}`);
  return { peer, reply: String(await peer.next()) };
}

describe.each(HOSTS)("on the wire of %s", (host) => {
  const serve = async (): Promise<{ io: Server; port: number; sockets: Socket[] }> => {
    const io = new Server({ maxHttpBufferSize: 3 * MEBIBYTE });
    const port = await listenOn(host, io);
    const sockets: Socket[] = [];
    io.on("connection", (socket) => void sockets.push(socket));
    closing.push(() => io.close());
    return { io, port, sockets };
  };

  const pair = async (): Promise<{ io: Server; proxy: FaultProxy; client: Client; socket: Socket }> => {
    const { io, port, sockets } = await serve();
    const proxy = await FaultProxy.to(port);
    const client = connect(proxy.url, {
      forceNew: true,
      transports: ["websocket"],
      reconnectionDelay: 1,
      reconnectionDelayMax: 5,
    });
    closing.push(
      () => proxy.close(),
      () => client.disconnect(),
    );
    await new Promise<void>((resolve) => client.once("connect", resolve));
    return { io, proxy, client, socket: sockets[0] as Socket };
  };

  /** The client is away, and stays so until the proxy heals. */
  const away = async ({ proxy, socket }: { proxy: FaultProxy; socket: Socket }): Promise<void> => {
    const suspended = new Promise((resolve) => socket.resumption?.once("suspend", resolve));
    proxy.refuse();
    proxy.cut();
    await suspended;
  };

  test("[U1, U3] frames to who agreed and who did not are the same bytes, and a broadcast is one packet", async () => {
    const { io, port, sockets } = await serve();
    const agreed = await enter(port, { k: "k".repeat(22), a: 1 });
    const plain = await enter(port);
    expect([agreed.reply, plain.reply]).toEqual([
      expect.stringContaining('"rs"'),
      expect.not.stringContaining("$"),
    ]);
    const packets = new Set<unknown>();
    for (const { client } of sockets) {
      const { session } = client;
      const send = session.sendPacket.bind(session);
      session.sendPacket = (packet) => {
        packets.add(packet);
        send(packet);
      };
    }
    const bytes = randomBytes(300);
    io.emit("text", "é\u2028", { a: [1, null] });
    io.emit("bytes", { bytes, more: [Uint8Array.of(1)] });
    const frames = 4;
    expect(packets.size).toBe(frames);
    for (const socket of sockets) socket.emit("direct", 1, bytes);
    const [one, other]: [unknown[], unknown[]] = [[], []];
    for (let frame = 0; frame < frames + 2; frame++) {
      one.push(await agreed.peer.next());
      other.push(await plain.peer.next());
    }
    expect(one).toEqual(other);
    expect(one.slice(0, 2)).toEqual([
      '42["text","é\u2028",{"a":[1,null]}]',
      '452-["bytes",{"bytes":{"_placeholder":true,"num":0},"more":[{"_placeholder":true,"num":1}]}]',
    ]);
  });

  test("[U7] a CONNECT of an earlier attempt that comes late is refused, and the live socket does not notice", async () => {
    const { io, port, sockets } = await serve();
    const k = "k".repeat(22);
    const ends: unknown[] = [];
    const heard: unknown[] = [];
    await enter(port, { k, a: 1 });
    sockets[0]?.on("disconnect", (reason) => ends.push(reason));
    sockets[0]?.on("up", (number) => heard.push(number));
    sockets[0]?.resumption?.on("suspend", (reason) => ends.push(reason));
    const late = await openRawSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`);
    await late.next();
    const live = await enter(port, { k, a: 3, n: 0 });
    expect(live.reply).toContain('"ok":true');
    late.send(`40${JSON.stringify({ $x: { rs: { k, a: 2, n: 0 } } })}`);
    late.send('42["up","forged"]');
    await late.closed;
    live.peer.send('42["up",1]');
    io.emit("down", 1);
    expect(await live.peer.next()).toBe('42["down",1]');
    await expect.poll(() => heard).toEqual([1]);
    expect([ends, sockets.length, sockets[0]?.resumption?.resumes]).toEqual([[], 1, 1]);
  });

  test("[U12, U46] answers that were too many to be kept fail with reply_lost, the others come, and each handler ran once", async () => {
    const both = await pair();
    const { proxy, client, socket } = both;
    const answers: (() => void)[] = [];
    const asked = KEPT + 44;
    socket.on("ask", (number, answer) => void answers.push(() => answer(number)));
    const replies = Array.from({ length: asked }, (_, number) => client.emitWithAck("ask", number));
    const settled = Promise.allSettled(replies);
    await expect.poll(() => answers.length).toBe(asked);
    await away(both);
    for (const answer of answers) answer();
    proxy.heal();
    const results = (await settled).map((result) =>
      result.status === "fulfilled" ? result.value : result.reason.code,
    );
    expect(results.slice(0, 44)).toEqual(Array.from({ length: 44 }, () => "reply_lost"));
    expect(results.slice(44)).toEqual(Array.from({ length: KEPT }, (_, number) => number + 44));
    expect(answers.length).toBe(asked);
  });

  test(`[U21] ${MISSED} events that were missed are with the client within ${MOST_MS} ms of its CONNECT`, async () => {
    const both = await pair();
    const { io, proxy, client, socket } = both;
    let askedAt = 0;
    io.use((_socket, next) => {
      askedAt = performance.now();
      next();
    });
    const all: number[] = [];
    // Of some rounds the best: other work on the machine delays any of them.
    do {
      await away(both);
      let missing = MISSED;
      const there = new Promise<number>((resolve) => {
        client.on("n", () => --missing === 0 && resolve(performance.now()));
      });
      for (let number = 0; number < MISSED; number++) socket.emit("n", number, "x".repeat(100));
      proxy.heal();
      all.push(Math.round((await there) - askedAt));
      client.off("n");
    } while (all.length < MOST_ROUNDS && Math.min(...all) >= MOST_MS);
    console.log(`${host}: ${MISSED} missed events came within ${all.join(", ")} ms`);
    expect(Math.min(...all)).toBeLessThan(MOST_MS);
  });

  test("[V1, V31] what our client sends over server-sent events comes back as it was, byte for byte", async () => {
    const { io, port } = await serve();
    io.on("connection", (socket) => socket.on("echo", (what, answer) => answer(what)));
    const client = connect(`http://127.0.0.1:${port}`, { forceNew: true, transports: ["sse"] });
    closing.push(() => client.disconnect());
    for (const text of ["\n", "a\r\nb", "\r", "x\u2028y\u2029", "\u{1f600} ü", "", "\u0000", "data: x\n\n"]) {
      expect(await client.emitWithAck("echo", text)).toBe(text);
    }
    const bytes = randomBytes(MEBIBYTE);
    const back: unknown = await client.emitWithAck("echo", bytes);
    expect(bytes.equals(back as Uint8Array)).toBe(true);
    expect(client.io.engine.transport.name).toBe("sse");
  });
});
