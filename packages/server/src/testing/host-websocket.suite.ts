import type { Frame } from "@bowline/protocol";
import { expect, test, vi } from "vitest";
import type { HostWorld } from "./host-world.ts";
import {
  call,
  clientFrame,
  RawClient,
  upgradeRequest,
  WebSocketClient,
  type WebSocketClientOptions,
} from "./http-client.ts";
import type { RecordedPeer } from "./recording-handler.ts";

const LIMIT = 100_000;
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;

/** WebSockets, from the request to the end. */
export function webSocketSuite(world: () => HostWorld): void {
  const connect = async (
    options?: WebSocketClientOptions,
  ): Promise<{ client: WebSocketClient; recorded: RecordedPeer }> => {
    const accepted = world().handler.nextPeer();
    const client = new WebSocketClient(world().port, "/io/?a=1", options);
    const recorded = await accepted;
    await client.opened;
    return { client, recorded };
  };

  test("[H1] text and bytes go both ways, and empty ones too", async () => {
    const { client, recorded } = await connect();
    const frames: Frame[] = [
      "hé ✓",
      Buffer.of(0, 1, 255),
      "",
      Buffer.alloc(0),
      "\ufeffa byte order mark is text",
    ];
    for (const frame of frames) client.socket.send(frame);
    expect(await recorded.messagesOf(frames.length)).toEqual(frames);
    for (const frame of frames) recorded.peer.send(frame);
    expect(await client.framesOf(frames.length)).toEqual(frames);
  });

  test("[H1] every length of frame arrives as it was sent", async () => {
    const { client, recorded } = await connect();
    const lengths = [125, 126, 127, 65_535, 65_536, LIMIT];
    for (const length of lengths) {
      client.socket.send("x".repeat(length));
      client.socket.send(Buffer.alloc(length, 7));
      recorded.peer.send("é".repeat(length));
      recorded.peer.send(Buffer.alloc(length, 8));
    }
    const messages = await recorded.messagesOf(lengths.length * 2);
    expect(messages).toEqual(lengths.flatMap((length) => ["x".repeat(length), Buffer.alloc(length, 7)]));
    const frames = await client.framesOf(lengths.length * 2);
    expect(frames).toEqual(lengths.flatMap((length) => ["é".repeat(length), Buffer.alloc(length, 8)]));
  });

  test("[H1] a message in fragments is one message, and a control frame between them is none", async () => {
    const client = new RawClient(world().port);
    const accepted = world().handler.nextPeer();
    client.write(upgradeRequest("/io"));
    const recorded = await accepted;
    client.write(clientFrame({ opcode: TEXT, payload: "one ", isFinal: false }));
    client.write(clientFrame({ opcode: PING, payload: "ping" }));
    client.write(clientFrame({ opcode: 0, payload: "two" }));
    expect(await recorded.messagesOf(1)).toEqual(["one two"]);
    await client.until("\x8a\x04ping");
    client.reset();
  });

  test("[H8] frames leave in the order of the calls", async () => {
    const { client, recorded } = await connect();
    const frames = Array.from({ length: 2000 }, (_, index) =>
      index % 3 ? `t${index}` : Buffer.from(`b${index}`),
    );
    for (const [index, frame] of frames.entries()) {
      recorded.peer.send(frame);
      if (index % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await client.framesOf(2000)).toEqual(frames);
  });

  test("[H8] frames of one turn leave in one write", async () => {
    const client = new RawClient(world().port);
    const accepted = world().handler.nextPeer();
    client.write(upgradeRequest("/io"));
    const { peer } = await accepted;
    await client.until("\r\n\r\n");
    const before = client.chunks;
    for (let index = 0; index < 50; index++) peer.send(`frame ${index};`);
    await client.until("frame 49;");
    expect(client.chunks - before).toBe(1);
    client.reset();
  });

  test("[H8] what answers a message leaves before the answer to the close frame that came with it", async () => {
    const client = new RawClient(world().port);
    const accepted = world().handler.nextPeer();
    client.write(upgradeRequest("/io"));
    const recorded = await accepted;
    await client.until("\r\n\r\n");
    recorded.onMessage = () => recorded.peer.send("answer");
    const question = clientFrame({ opcode: TEXT, payload: "question" });
    const close = clientFrame({ opcode: CLOSE, payload: Uint8Array.of(3, 0xe8) });
    client.write(Buffer.concat([question, close]));
    await client.until("\x81\x06answer\x88\x02\x03\xe8");
    client.reset();
  });

  test("[H8] peers that get the same frames in the same turn all get them right", async () => {
    const connected = [await connect(), await connect(), await connect()];
    const frames = ["text", Buffer.alloc(40_000, 3), Buffer.of(1), "é", Buffer.alloc(0), "text"];
    for (const { recorded } of connected) for (const frame of frames) recorded.peer.send(frame);
    for (const frame of frames) for (const { recorded } of connected) recorded.peer.send(frame);
    for (const { client } of connected) expect(await client.framesOf(12)).toEqual([...frames, ...frames]);
  });

  test("[H8] what a slow reader has not taken is counted, and drain says when it has", async () => {
    const { client, recorded } = await connect();
    client.socket.pause();
    const chunk = Buffer.alloc(1_000_000);
    for (let index = 0; index < 20; index++) recorded.peer.send(chunk);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(recorded.peer.bufferedAmount).toBeGreaterThan(1_000_000);
    expect(recorded.drains).toBe(0);
    client.socket.resume();
    await recorded.when(() => recorded.drains > 0);
    expect(recorded.peer.bufferedAmount).toBe(0);
    expect(await client.framesOf(20)).toHaveLength(20);
  });

  test("[H3] an upgrade may be admitted late, and adds its headers", async () => {
    world().handler.admit = async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      return { headers: { "X-A": "b" } };
    };
    const client = new RawClient(world().port);
    client.write(upgradeRequest("/io"));
    const answer = await client.until("\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    expect(answer.toLowerCase()).toContain("x-a: b");
    expect(answer).toContain("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    client.reset();
  });

  test("[H3] frames that come while an upgrade is being admitted are delivered after it", async () => {
    world().handler.admit = () => new Promise((resolve) => setTimeout(() => resolve(undefined), 30));
    const client = new RawClient(world().port);
    const accepted = world().handler.nextPeer();
    client.write(upgradeRequest("/io"));
    await new Promise((resolve) => setTimeout(resolve, 5));
    await accepted;
    client.write(clientFrame({ opcode: TEXT, payload: "after" }));
    expect(await (await accepted).messagesOf(1)).toEqual(["after"]);
    client.reset();
  });

  test("[H1] the request of an upgrade is whole after the await", async () => {
    world().handler.admit = () => new Promise((resolve) => setTimeout(() => resolve(undefined), 5));
    await connect({ headers: { "X-Name": "Value" } });
    const [request] = world().handler.requests;
    expect(request).toMatchObject({ method: "GET", path: "/io/", query: "a=1" });
    expect(request?.headers["x-name"]).toBe("Value");
  });

  test("[H6] of several subprotocols the first is taken", async () => {
    const { client } = await connect({ protocols: ["one", "two"] });
    expect(client.socket.protocol).toBe("one");
  });

  test("[H6] compression is not agreed upon", async () => {
    const { client } = await connect();
    expect(client.socket.extensions).toBe("");
  });

  test("[H3] the peer may be used inside `open`", async () => {
    world().handler.onOpen = ({ peer }) => peer.send("first");
    const { client } = await connect();
    expect(await client.framesOf(1)).toEqual(["first"]);
  });

  test("[H3] a refused upgrade gets the answer that was given, at once or late", async () => {
    const refuse = { status: 400, headers: { "Content-Type": "text/html" }, body: "no" };
    for (const admission of [{ refuse }, Promise.resolve({ refuse })]) {
      world().handler.admit = () => admission;
      const { status, headers, body } = await new WebSocketClient(world().port, "/io").refused;
      expect([status, headers["content-type"], body.toString("utf8")]).toEqual([400, "text/html", "no"]);
    }
    expect(world().handler.peers).toEqual([]);
  });

  test("[H11] an upgrade to another path becomes no WebSocket", async () => {
    const client = new RawClient(world().port);
    client.write(upgradeRequest("/elsewhere"));
    await Promise.race([client.closed, client.until("404")]);
    expect(client.received.toString("latin1")).not.toContain("101");
    client.reset();
  });

  test("[H11] refused, foreign and waiting upgrades survive bad frames and resets", async () => {
    const badFrame = Buffer.of(0xff, 0xff, 0xff, 0xff);
    const slowly = (): Promise<{ refuse: { status: number } }> =>
      new Promise((resolve) => setTimeout(() => resolve({ refuse: { status: 400 } }), 20));
    for (const admit of [slowly, () => ({ refuse: { status: 400 } })]) {
      world().handler.admit = admit;
      for (const path of ["/io", "/elsewhere"]) {
        for (const resetAfterMs of [0, 5, 40, 70]) {
          const client = new RawClient(world().port);
          client.write(upgradeRequest(path));
          client.write(badFrame);
          await new Promise((resolve) => setTimeout(resolve, resetAfterMs));
          client.write(badFrame);
          client.reset();
        }
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await call(world().port, { path: "/io" })).status).toBe(200);
    expect(world().errors).toEqual([]);
  });

  test("[H10] a peer that leaves while it is being admitted is never opened", async () => {
    let admit: () => void = () => {};
    let aborts = 0;
    world().handler.admit = (request) => {
      request.onAbort(() => aborts++);
      return new Promise((resolve) => (admit = () => resolve(undefined)));
    };
    const client = new RawClient(world().port);
    client.write(upgradeRequest("/io"));
    await vi.waitFor(() => expect(world().handler.requests).toHaveLength(1));
    client.reset();
    await vi.waitFor(() => expect(aborts).toBe(1));
    admit();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(world().handler.peers).toEqual([]);
  });

  test("[H4] a close of the client is reported once, with its code and without an error", async () => {
    const { client, recorded } = await connect();
    client.socket.close(4001, "bye");
    expect(await recorded.close()).toEqual({ code: 4001, error: undefined });
    await client.closed;
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(recorded.closes).toHaveLength(1);
  });

  test("[H4] a link that breaks is 1006 and nobody's error", async () => {
    const { client, recorded } = await connect();
    client.socket.terminate();
    expect(await recorded.close()).toEqual({ code: 1006, error: undefined });
  });

  test("[H4] a close of ours carries code and reason, and what was sent before it", async () => {
    const { client, recorded } = await connect();
    recorded.peer.send("last words");
    recorded.peer.close(4000, "bye");
    expect(recorded.closes).toEqual([]);
    expect(await client.closed).toEqual({ code: 4000, reason: "bye" });
    expect(client.frames).toEqual(["last words"]);
    await recorded.close();
    expect(recorded.closes).toHaveLength(1);
  });

  test("[H4] terminate cuts the link, and the end is reported after it", async () => {
    const { client, recorded } = await connect();
    recorded.peer.terminate();
    expect(recorded.closes).toEqual([]);
    expect((await client.closed).code).toBe(1006);
    await recorded.close();
    expect(recorded.closes).toHaveLength(1);
  });

  test("[H4] a peer that is closed inside `open` is reported to the listener that `open` gives", async () => {
    world().handler.onOpen = ({ peer }) => peer.close(1000, "");
    const accepted = world().handler.nextPeer();
    const client = new WebSocketClient(world().port, "/io");
    expect((await client.closed).code).toBe(1000);
    await (await accepted).close();
    expect((await accepted).closes).toHaveLength(1);
  });

  test("[H4] nothing is delivered after the end was reported", async () => {
    const { client, recorded } = await connect();
    recorded.onMessage = () => recorded.peer.terminate();
    for (let index = 0; index < 10; index++) client.socket.send("x");
    await recorded.close();
    const count = recorded.messages.length;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(recorded.messages).toHaveLength(count);
  });

  test("[H7] after the end every method does nothing", async () => {
    const { client, recorded } = await connect();
    client.socket.close();
    await recorded.close();
    recorded.peer.send("a");
    recorded.peer.close(1000, "");
    recorded.peer.terminate();
    expect(recorded.peer.bufferedAmount).toBe(0);
    expect(recorded.closes).toHaveLength(1);
  });

  test("[H9] a message over the limit ends the WebSocket, with an error", async () => {
    const { client, recorded } = await connect();
    client.socket.send(Buffer.alloc(LIMIT + 1));
    const { code, error } = await recorded.close();
    expect([1006, 1009]).toContain(code);
    expect(error).toBeInstanceOf(Error);
    expect(recorded.messages).toEqual([]);
  });

  const broken: readonly (readonly [string, Buffer])[] = [
    ["text that is no UTF-8", clientFrame({ opcode: TEXT, payload: Uint8Array.of(0xc3, 0x28) })],
    ["a reserved bit", clientFrame({ opcode: BINARY, payload: "x", reserved: 0x40 })],
    ["an unknown opcode", clientFrame({ opcode: 3, payload: "x" })],
    ["a continuation of nothing", clientFrame({ opcode: 0, payload: "x" })],
  ];
  test.each(broken)(
    "[H4] %s ends the WebSocket, with an error, and the host goes on",
    async (_name, frame) => {
      const client = new RawClient(world().port);
      const accepted = world().handler.nextPeer();
      client.write(upgradeRequest("/io"));
      const recorded = await accepted;
      client.write(frame);
      expect((await recorded.close()).error).toBeInstanceOf(Error);
      expect(recorded.messages).toEqual([]);
      await client.closed;
      expect((await call(world().port, { path: "/io" })).status).toBe(200);
    },
  );

  test("[H5] a listener that throws is reported, and the WebSocket goes on", async () => {
    const { client, recorded } = await connect();
    recorded.onMessage = () => {
      throw new Error("mine");
    };
    client.socket.send("one");
    client.socket.send("two");
    expect(await recorded.messagesOf(2)).toEqual(["one", "two"]);
    await vi.waitFor(() => expect(world().errors.map(String)).toEqual(["Error: mine", "Error: mine"]));
  });

  test("[H5] an `open` that throws costs that WebSocket only", async () => {
    world().handler.onOpen = () => {
      throw new Error("mine");
    };
    expect((await new WebSocketClient(world().port, "/io").closed).code).toBe(1006);
    world().handler.onOpen = undefined;
    const { client, recorded } = await connect();
    client.socket.send("works");
    expect(await recorded.messagesOf(1)).toEqual(["works"]);
    expect(world().errors.map(String)).toEqual(["Error: mine"]);
  });

  test("[H12] stop cuts peers that do not answer a close", async () => {
    const { client, recorded } = await connect();
    client.socket.pause();
    recorded.peer.close(1001, "");
    const before = performance.now();
    await world().stop();
    expect(performance.now() - before).toBeLessThan(3000);
    await recorded.close();
    client.socket.terminate();
  });

  test("[H12] stop delivers what was sent just before it", async () => {
    const { client, recorded } = await connect();
    recorded.peer.send("goodbye");
    recorded.peer.close(1001, "");
    await world().stop();
    expect((await client.closed).code).toBe(1001);
    expect(client.frames).toEqual(["goodbye"]);
  });
}
