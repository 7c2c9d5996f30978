import { type VirtualClock, virtualClock } from "@bowline/protocol/testing";
import { beforeEach, describe, expect, test } from "vitest";
import type { ClientOptions } from "../options.ts";
import { acceptSocket, type FakeEnv } from "../testing/fake-env.ts";
import { type Events, type SocketHarness, socketHarness } from "../testing/socket-harness.ts";

let clock: VirtualClock;
let env: FakeEnv;
let errors: SocketHarness["errors"];
let log: unknown[];
let make: SocketHarness["make"];
let connected: SocketHarness["connected"];
let welcome: SocketHarness["welcome"];
let receive: SocketHarness["receive"];
let lose: SocketHarness["lose"];
let sent: SocketHarness["sent"];

beforeEach(() => {
  clock = virtualClock();
  ({ env, errors, log, make, connected, welcome, receive, lose, sent } = socketHarness(clock));
});

describe("joining", () => {
  test("[C40] CONNECT carries auth; the answer's sid is the id", () => {
    const socket = make({ auth: { token: "t" } }, "/chat");
    expect([socket.connected, socket.active, socket.id]).toEqual([false, true, undefined]);
    acceptSocket(env);
    expect(sent()).toEqual(['0/chat,{"token":"t"}']);
    receive('0/chat,{"sid":"abc"}');
    expect([socket.connected, socket.disconnected, socket.id, socket.nsp]).toEqual([
      true,
      false,
      "abc",
      "/chat",
    ]);
  });

  test("[C40] what came before the answer is delivered, then what waited is sent, then `connect` fires", () => {
    const socket = make();
    socket.emit("kept", 1);
    socket.on("early", (n) => {
      log.push(`early ${String(n)} ${socket.connected}`);
      socket.emit("reply", n);
    });
    socket.on("connect", () => socket.emit("first"));
    acceptSocket(env);
    receive('2["early",1]', '2["early",2]');
    expect(log).toEqual([]);
    receive('0{"sid":"x"}');
    expect(log).toEqual(["early 1 true", "early 2 true", "connect"]);
    expect(sent()).toEqual(["0", '2["kept",1]', '2["reply",1]', '2["reply",2]', '2["first"]']);
  });

  test.each<[string, ClientOptions["auth"]]>([
    ["calls back", (answer): void => answer({ token: 1 })],
    ["is async", (): Promise<object> => Promise.resolve({ token: 1 })],
  ])("[C45] an auth function that %s is asked at every connection", async (_how, auth) => {
    make({ auth });
    for (let connection = 0; connection < 2; connection++) {
      acceptSocket(env);
      expect(sent()).toEqual([]);
      await clock.advance(0);
      expect(sent()).toEqual(['0{"token":1}']);
      lose();
      await clock.advance(1000);
    }
  });

  test("[C45] auth that comes too late is for nobody", async () => {
    const answers: ((data: object) => void)[] = [];
    make({ auth: (answer) => void answers.push(answer) });
    acceptSocket(env);
    await clock.advance(0);
    lose();
    await clock.advance(500);
    acceptSocket(env);
    answers[0]?.({ old: true });
    answers[1]?.({ old: false });
    await clock.advance(0);
    expect(sent()).toEqual(['0{"old":false}']);
  });

  test("[C45] auth that cannot be sent is a refusal too, and the next connection asks anew", () => {
    const loop: Record<string, unknown> = {};
    loop["self"] = loop;
    const socket = make({ auth: loop });
    acceptSocket(env);
    expect(errors).toEqual([[expect.objectContaining({ code: "unserializable" }), { stage: "auth" }]]);
    expect([socket.active, sent()]).toEqual([false, []]);
    socket.auth = { token: "t" };
    socket.connect();
    acceptSocket(env);
    expect(sent()).toEqual(['0{"token":"t"}']);
  });

  test("[C45] auth that fails is a refusal, and reported", async () => {
    const failure = new Error("no token");
    const socket = make({ auth: () => Promise.reject(failure) });
    acceptSocket(env);
    await clock.advance(0);
    expect(log).toEqual([expect.objectContaining({ code: "refused", cause: failure })]);
    expect(socket.active).toBe(false);
    expect(errors).toEqual([[failure, { stage: "auth" }]]);
  });

  test("[C46] a refusal has message and data, and is not tried again until connect()", async () => {
    const socket = make();
    acceptSocket(env);
    receive('4{"message":"no","data":{"code":7}}');
    expect(log).toEqual([expect.objectContaining({ code: "refused", message: "no", data: { code: 7 } })]);
    expect(socket.active).toBe(false);
    await clock.advance(60_000);
    expect(env.sockets).toHaveLength(1);
    expect(socket.io.state).toEqual({ name: "closed", reason: "forced close" });
    socket.connect();
    welcome();
    expect(socket.connected).toBe(true);
  });

  test("[C46] an answer without an id is a refusal", () => {
    make();
    acceptSocket(env);
    receive("0");
    expect(log).toEqual([expect.objectContaining({ code: "bad_handshake" })]);
  });

  test("[C47] a connection that ends before the answer is a connect_error", () => {
    const socket = make();
    acceptSocket(env);
    lose();
    expect(log).toEqual([expect.objectContaining({ code: "transport_failed" })]);
    expect(socket.active).toBe(true);
  });

  test("[C47] a connection that cannot be made is a connect_error", () => {
    make();
    lose();
    expect(log).toEqual([expect.objectContaining({ code: "transport_failed" })]);
  });
});

describe("leaving", () => {
  test("[C49] disconnect() tells the server, and the last to leave closes the connection", () => {
    const socket = connected();
    socket.disconnect();
    expect(sent()).toEqual(["1"]);
    expect(env.socket().isClosed).toBe(true);
    expect(log).toEqual(["connect", "disconnect io client disconnect"]);
    expect([socket.active, socket.id]).toEqual([false, undefined]);
    socket.close();
    expect(log).toHaveLength(2);
  });

  test("[C49] the server's DISCONNECT is not followed by a reconnection; connect() is possible in its listener", () => {
    const socket = connected();
    socket.once("disconnect", () => socket.connect());
    receive("1");
    expect(log).toEqual(["connect", "disconnect io server disconnect"]);
    expect(socket.io.state).toEqual({ name: "connecting", attempt: 0 });
  });

  test("[C49] other namespaces stay", () => {
    const socket = connected();
    const other = socket.io.socket<Events>("/other");
    receive('0/other,{"sid":"o"}');
    socket.disconnect();
    expect(env.socket().isClosed).toBe(false);
    expect(other.connected).toBe(true);
    socket.connect();
    expect(sent()).toEqual(["0/other,", "1", "0"]);
    other.disconnect();
    socket.disconnect();
    expect(env.socket().isClosed).toBe(true);
  });

  test("[C49] a lost connection is a disconnect with a new id after it", async () => {
    const socket = connected();
    lose();
    expect([socket.connected, socket.active]).toEqual([false, true]);
    await clock.advance(500);
    acceptSocket(env);
    receive('0{"sid":"second"}');
    expect(log).toEqual(["connect", "disconnect transport close", "connect"]);
    expect(socket.id).toBe("second");
  });

  test("[C49] manager.disconnect() leaves the sockets active, and connect() brings them back", () => {
    const socket = connected();
    socket.io.disconnect();
    expect(log).toEqual(["connect", "disconnect forced close"]);
    expect(socket.active).toBe(true);
    socket.connect();
    welcome();
    expect(socket.connected).toBe(true);
  });

  test("[C49] two connect() are one", () => {
    const socket = make();
    acceptSocket(env);
    socket.connect();
    expect(sent()).toEqual(["0"]);
  });
});

describe("receiving", () => {
  test("[C44] listeners of all events run first, then the event's own", () => {
    const socket = connected();
    socket.on("a", (n) => log.push(`on ${String(n)}`));
    const any = (event: string, n: unknown): void => void log.push(`any ${event} ${String(n)}`);
    socket.onAny(any).prependAny(() => void log.push("prepended"));
    receive('2["a",1]');
    socket.offAny(any);
    receive('2["a",2]');
    expect(log).toEqual(["connect", "prepended", "any a 1", "on 1", "prepended", "on 2"]);
    expect(socket.listenersAny()).toHaveLength(1);
  });

  test("[C44] the answer is sent once", () => {
    const socket = connected();
    socket.on("ask", (n, answer) => {
      (answer as (n: unknown) => void)(n);
      (answer as (n: unknown) => void)("again");
    });
    receive('27["ask",1]');
    expect(sent()).toEqual(["37[1]"]);
  });

  test("[C44] an answer belongs to the connection that asked", async () => {
    const socket = connected();
    let answer: unknown;
    socket.on("ask", (given) => (answer = given));
    receive('27["ask"]');
    lose();
    await clock.advance(500);
    welcome();
    sent();
    (answer as () => void)();
    expect(sent()).toEqual([]);
  });

  test("[C44] a handler that throws or rejects is reported, answers once, and the others run", async () => {
    const socket = connected();
    const failure = Object.assign(new Error("boom"), { expose: true });
    socket.on("ask", () => {
      throw failure;
    });
    socket.on("ask", (): Promise<void> => Promise.reject(failure));
    socket.on("ask", () => log.push("third"));
    receive('27["ask"]');
    await clock.advance(0);
    expect(sent()).toEqual(['37[{"$error":{"message":"boom"}}]']);
    const reported = [failure, { stage: "handler", event: "ask" }];
    expect(errors).toEqual([reported, reported]);
    expect(log).toEqual(["connect", "third"]);
  });

  test("[C44] an error that cannot be sent is still an answer", () => {
    const socket = connected();
    socket.on("ask", () => {
      throw Object.assign(new Error("boom"), { expose: true, data: 1n });
    });
    receive('27["ask"]');
    expect(sent()).toEqual(['37[{"$error":{"message":"the handler of \\"ask\\" failed"}}]']);
  });

  test("[C44] removed listeners hear nothing", () => {
    const socket = connected();
    const listener = (): void => void log.push("heard");
    socket.on("a", listener).on("b", listener).once("c", listener);
    expect([socket.listeners("a"), socket.hasListeners("b")]).toEqual([[listener], true]);
    socket.off("a", listener).removeAllListeners("b");
    receive('2["a"]', '2["b"]', '2["c"]', '2["c"]');
    expect(log).toEqual(["connect", "heard"]);
  });
});
