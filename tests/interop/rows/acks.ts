import { expect } from "vitest";
import type { Row } from "../row.ts";
import { ackOf, fence, inbox, once } from "../wait.ts";

/** Calls back with all that the callback got. */
function answered(ask: (callback: (...answer: unknown[]) => void) => unknown): Promise<unknown[]> {
  return new Promise((resolve) => ask((...answer) => resolve(answer)));
}

const callbacks: Row = {
  name: "an ack calls back with all its arguments, in both directions",
  async run(cell) {
    const { client, socket } = await cell.connect();
    for (const [asking, answering] of [
      [client, socket],
      [socket, client],
    ] as const) {
      answering.on("ask", (a: unknown, b: unknown, answer: (...args: unknown[]) => void) =>
        answer(b, a, { n: null }),
      );
      answering.on("empty", (answer: () => void) => answer());
      expect(await answered((callback) => asking.emit("ask", 1, "two", callback))).toEqual([
        "two",
        1,
        { n: null },
      ]);
      expect(await answered((callback) => asking.emit("empty", callback))).toEqual([]);
    }
  },
};

const promises: Row = {
  name: "emitWithAck resolves with the first argument of the answer, in both directions",
  async run(cell) {
    const { client, socket } = await cell.connect();
    for (const [asking, answering] of [
      [client, socket],
      [socket, client],
    ] as const) {
      answering.on("ask", (n: number, answer: (...args: unknown[]) => void) => answer(n + 1, "second"));
      expect(await asking.emitWithAck("ask", 41)).toBe(42);
      expect(await asking.timeout(5_000).emitWithAck("ask", 1)).toBe(2);
    }
  },
};

const outOfOrder: Row = {
  name: "answers find their questions when they come in another order",
  async run(cell) {
    const { client, socket } = await cell.connect();
    for (const [asking, answering] of [
      [client, socket],
      [socket, client],
    ] as const) {
      const waiting: (() => void)[] = [];
      const allAsked = new Promise<void>((resolve) => {
        answering.on("ask", (...args) => {
          waiting.push(() => ackOf(args)(`answer ${String(args[0])}`));
          if (waiting.length === 3) resolve();
        });
      });
      const answers = ["a", "b", "c"].map((question) => asking.emitWithAck("ask", question));
      await allAsked;
      for (const answer of waiting.toReversed()) answer();
      expect(await Promise.all(answers)).toEqual(["answer a", "answer b", "answer c"]);
    }
  },
};

const errorFirst: Row = {
  name: "timeout(ms).emit calls back error-first: null and the answer when there is one",
  async run(cell) {
    const { client, socket } = await cell.connect();
    for (const [asking, answering] of [
      [client, socket],
      [socket, client],
    ] as const) {
      answering.on("ask", (answer: (...args: unknown[]) => void) => answer("yes", 2));
      expect(await answered((callback) => asking.timeout(5_000).emit("ask", callback))).toEqual([
        null,
        "yes",
        2,
      ]);
    }
  },
};

const timeouts: Row = {
  name: "an ack that does not come in time is an error, once, and a late answer is ignored",
  async run(cell) {
    const { client, socket } = await cell.connect();
    for (const [asking, answering] of [
      [client, socket],
      [socket, client],
    ] as const) {
      const asked = once(answering, "ask");
      const calls: unknown[][] = [];
      const timedOut = await answered((callback) =>
        asking.timeout(60).emit("ask", (...answer: unknown[]) => {
          calls.push(answer);
          callback(...answer);
        }),
      );
      expect(timedOut).toHaveLength(1);
      expect(timedOut[0]).toBeInstanceOf(Error);
      expect(String(timedOut[0])).toContain("operation has timed out");
      ackOf(await asked)("late");
      await fence(answering, asking);
      expect(calls).toHaveLength(1);
    }
  },
};

const promisedTimeouts: Row = {
  name: "timeout(ms).emitWithAck rejects when no answer comes in time",
  async run(cell) {
    const { client, socket } = await cell.connect();
    await expect(client.timeout(40).emitWithAck("nobody")).rejects.toThrow("operation has timed out");
    await expect(socket.timeout(40).emitWithAck("nobody")).rejects.toThrow("operation has timed out");
    expect(client.connected && socket.connected).toBe(true);
  },
};

const defaultTimeout: Row = {
  name: "the client's option ackTimeout makes every ack error-first",
  async run(cell) {
    const { client, socket } = await cell.connect("/", { ackTimeout: 60 });
    socket.on("ask", (answer: (text: string) => void) => answer("yes"));
    expect(await answered((callback) => client.emit("ask", callback))).toEqual([null, "yes"]);
    const [error] = await answered((callback) => client.emit("nobody", callback));
    expect(error).toBeInstanceOf(Error);
  },
};

const twice: Row = {
  name: "an ack answers once, however often it is called",
  async run(cell) {
    const { client, socket } = await cell.connect();
    for (const [asking, answering] of [
      [client, socket],
      [socket, client],
    ] as const) {
      const calls: unknown[] = [];
      answering.on("ask", (answer: (n: number) => void) => {
        answer(1);
        answer(2);
      });
      asking.emit("ask", (n: unknown) => calls.push(n));
      await once(answering, "ask");
      await fence(answering, asking);
      expect(calls).toEqual([1]);
    }
  },
};

const lostWithConnection: Row = {
  name: "the client's pending acks fail when the socket disconnects",
  async run(cell) {
    const { client, socket } = await cell.connect();
    const promised = client.emitWithAck("nobody").then(
      () => "answered",
      (error: unknown) => error,
    );
    const called = answered((callback) => client.timeout(60_000).emit("nobody", callback));
    socket.disconnect();
    expect(await promised).toBeInstanceOf(Error);
    expect(String(await promised)).toContain("socket has been disconnected");
    const [error] = await called;
    expect(String(error)).toContain("socket has been disconnected");
  },
};

const pendingBeforeConnect: Row = {
  name: "an event whose ack timed out before the connection is never sent",
  async run(cell) {
    const client = cell.dial("/", { autoConnect: false });
    await expect(client.timeout(20).emitWithAck("stale")).rejects.toThrow("operation has timed out");
    client.emit("fresh");
    const arrived = cell.arrival();
    client.connect();
    const socket = await arrived;
    const box = inbox(socket, "stale", "fresh");
    await once(client, "connect");
    await box.upToFence((fence) => client.emit(fence));
    expect(box.events).toEqual([["fresh"]]);
  },
};

export const group: readonly Row[] = [
  callbacks,
  promises,
  outOfOrder,
  errorFirst,
  timeouts,
  promisedTimeouts,
  defaultTimeout,
  twice,
  lostWithConnection,
  pendingBeforeConnect,
];
