import { EventEmitter, once } from "node:events";
import { expect, test, vi } from "vitest";
import { Emitter } from "./emitter.ts";
import { serverWorld } from "./testing/server-world.ts";

class Bell extends Emitter {
  readonly failures: [unknown, unknown][] = [];

  ring(event = "ring", ...args: unknown[]): boolean {
    return this._fire(event, args);
  }

  _listenerFailed(error: unknown, event: string | number): void {
    this.failures.push([error, event]);
  }
}

test("[S61] server, namespace and socket have all the methods of Node's emitters", async () => {
  const { io, enter } = serverWorld();
  const { socket } = await enter();
  const methods = Object.getOwnPropertyNames(EventEmitter.prototype).filter(
    (name) => name !== "constructor" && typeof Reflect.get(EventEmitter.prototype, name) === "function",
  );
  expect(methods.length).toBeGreaterThan(14);
  for (const emitter of [io, io.sockets, io.of("/admin"), socket]) {
    expect(methods.filter((name) => typeof Reflect.get(emitter, name) !== "function")).toEqual([]);
  }
});

test("[S61] listeners run in order, prepended ones first, with the emitter as `this`", () => {
  const bell = new Bell();
  const heard: unknown[] = [];
  bell.on("ring", function (this: unknown, ...args) {
    heard.push(["on", this === bell, ...args]);
  });
  bell.prependListener("ring", () => heard.push("before"));
  bell.prependOnceListener("ring", () => heard.push("first, once"));
  bell.once("ring", () => heard.push("once"));
  expect(bell.ring("ring", 1, 2)).toBe(true);
  expect(heard.splice(0)).toEqual(["first, once", "before", ["on", true, 1, 2], "once"]);
  bell.ring();
  expect(heard).toEqual(["before", ["on", true]]);
  expect(bell.ring("nobody")).toBe(false);
});

test("[S61] what listens can be counted, listed and taken away", () => {
  const bell = new Bell();
  const [a, b] = [vi.fn(), vi.fn()];
  bell.on("ring", a).addListener("ring", b).once("other", a);
  expect([bell.eventNames(), bell.listenerCount("ring"), bell.listenerCount("ring", a)]).toEqual([
    ["ring", "other"],
    2,
    1,
  ]);
  expect(bell.listeners("ring")).toEqual([a, b]);
  expect(bell.rawListeners("other")).toEqual([a]);
  bell.removeListener("ring", a).off("other", a);
  expect([bell.listeners("ring"), bell.listenerCount("other")]).toEqual([[b], 0]);
  bell.on("more", a).removeAllListeners("ring");
  expect(bell.eventNames()).toEqual(["more"]);
  expect(bell.removeAllListeners().eventNames()).toEqual([]);
  expect(bell.getMaxListeners()).toBe(10);
  expect(bell.setMaxListeners(0).getMaxListeners()).toBe(0);
});

test("[S61] who watches hears of listeners that come, before they are there, and of those that go", () => {
  const bell = new Bell();
  const heard: unknown[] = [];
  const listener = vi.fn();
  bell.on("newListener", (event, run) => heard.push(["new", event, run, bell.listenerCount("ring")]));
  bell.on("removeListener", (event, run) => heard.push(["gone", event, run, bell.listenerCount("ring")]));
  heard.length = 0;
  bell.on("ring", listener).off("ring");
  expect(heard).toEqual([
    ["new", "ring", listener, 0],
    ["gone", "ring", listener, 0],
  ]);
});

test("[S61] a listener that throws or rejects is reported, and the others run", async () => {
  const bell = new Bell();
  const other = vi.fn();
  bell.on("ring", () => {
    throw new Error("thrown");
  });
  bell.on("ring", async () => Promise.reject(new Error("rejected")));
  bell.on("ring", other);
  bell.ring();
  await new Promise(setImmediate);
  expect(other).toHaveBeenCalledOnce();
  expect(bell.failures).toEqual([
    [new Error("thrown"), "ring"],
    [new Error("rejected"), "ring"],
  ]);
});

test("[S61] what is no listener is refused at once", () => {
  for (const wrong of [undefined, null, "f", {}]) {
    expect(() => new Bell().on("ring", wrong as never)).toThrow('a listener of "ring" must be a function');
  }
});

test("[S61] what listens to the server listens to its main namespace", async () => {
  const { io, enter } = serverWorld();
  const listener = vi.fn();
  expect(io.on("connection", listener)).toBe(io);
  expect(io.sockets.listeners("connection")).toEqual([listener]);
  expect(io.listenerCount("connection")).toBe(1);
  io.sockets.prependListener("connect", listener);
  expect(io.eventNames()).toEqual(["connection", "connect"]);
  await enter();
  expect(listener).toHaveBeenCalledTimes(2);
  expect(listener.mock.contexts).toEqual([io.sockets, io.sockets]);
  io.removeAllListeners();
  expect(io.sockets.eventNames()).toEqual([]);
});

test("[S61] events.once of Node waits for a socket's event", async () => {
  const { enter } = serverWorld();
  const { peer, socket } = await enter();
  const heard = once(socket as never, "say") as Promise<unknown[]>;
  peer.receive('42["say","hi",2]');
  expect(await heard).toEqual(["hi", 2]);
  const contexts: unknown[] = [];
  socket.on("say", function (this: unknown) {
    contexts.push(this);
  });
  socket.onAny(function (this: unknown) {
    contexts.push(this);
  });
  peer.receive('42["say"]');
  expect(contexts).toEqual([socket, socket]);
});
