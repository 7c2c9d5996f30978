import { expect } from "vitest";
import type { Row } from "../row.ts";
import { inbox, once, until } from "../wait.ts";

const refusal: Row = {
  name: "a middleware refuses with message and data, and the client tries no more",
  async run(cell) {
    cell.io.use((_, next) => next(Object.assign(new Error("not you"), { data: { code: 7, list: ["a"] } })));
    const client = cell.dial("/", { reconnection: true });
    const [error] = await once(client, "connect_error");
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toBe("not you");
    expect((error as { data?: unknown }).data).toEqual({ code: 7, list: ["a"] });
    expect([client.connected, client.active, cell.io.of("/").sockets.size]).toEqual([false, false, 0]);
  },
};

const refusalWithoutData: Row = {
  name: "a refusal without data arrives without data",
  async run(cell) {
    cell.io.use((_, next) => next(new Error("no")));
    const [error] = await once(cell.dial(), "connect_error");
    expect([(error as Error).message, (error as { data?: unknown }).data]).toEqual(["no", undefined]);
  },
};

const asynchronous: Row = {
  name: "a middleware may let pass later; until then the socket is not connected and is not reported",
  async run(cell) {
    let reported = false;
    cell.io.on("connection", () => (reported = true));
    let letPass = (): void => undefined;
    cell.io.use((socket, next) => {
      expect(socket.connected).toBe(false);
      letPass = next;
    });
    const client = cell.dial();
    const waits = letPass;
    await until(() => letPass !== waits, "the middleware is called");
    expect([client.connected, reported]).toEqual([false, false]);
    letPass();
    await once(client, "connect");
    expect(reported).toBe(true);
  },
};

const ordered: Row = {
  name: "middlewares run in their order, and those of a namespace only there",
  async run(cell) {
    const calls: string[] = [];
    const note =
      (name: string) =>
      (_: unknown, next: () => void): void => {
        calls.push(name);
        setImmediate(next);
      };
    cell.io.use(note("main 1"));
    cell.io.use(note("main 2"));
    cell.io.of("/a").use(note("a 1"));
    cell.io.of("/a").use(note("a 2"));
    await cell.connect();
    expect(calls.splice(0)).toEqual(["main 1", "main 2"]);
    await cell.connect("/a");
    expect(calls).toEqual(["a 1", "a 2"]);
  },
};

const firstRefusal: Row = {
  name: "after a refusal no further middleware runs",
  async run(cell) {
    const calls: string[] = [];
    cell.io.use((_, next) => next(new Error("stop")));
    cell.io.use((_, next) => {
      calls.push("second");
      next();
    });
    await once(cell.dial(), "connect_error");
    expect(calls).toEqual([]);
  },
};

const prepares: Row = {
  name: "what a middleware joins, stores and emits is there when the socket is connected",
  async run(cell) {
    cell.io.use((socket, next) => {
      socket.data = { user: 1 };
      void socket.join("early");
      next();
    });
    const { client, socket } = await cell.connect();
    expect([socket.data, socket.rooms.has("early"), socket.rooms.has(socket.id)]).toEqual([
      { user: 1 },
      true,
      true,
    ]);
    const arrived = once(client, "to room");
    cell.io.to("early").emit("to room");
    await arrived;
  },
};

const secondTry: Row = {
  name: "after a refusal the client may connect again with other auth, on the same connection",
  async run(cell) {
    cell.io.use((socket, next) =>
      next(socket.handshake.auth["token"] === "good" ? undefined : new Error("bad token")),
    );
    const client = cell.dial("/", { auth: { token: "bad" } });
    await once(client, "connect_error");
    client.auth = { token: "good" };
    client.connect();
    await once(client, "connect");
    expect(cell.socketOf(client).handshake.auth).toEqual({ token: "good" });
  },
};

const packets: Row = {
  name: "a socket's middleware sees every event, may change it, and refuses with an error event on the server",
  async run(cell) {
    const { client, socket } = await cell.connect();
    socket.use((event, next) => {
      if (event[0] === "bad") next(new Error("bad event"));
      else {
        event[1] = `${String(event[1])}!`;
        next();
      }
    });
    const refused = once(socket, "error");
    let heard = false;
    socket.on("bad", () => (heard = true));
    const arrived = once(socket, "good");
    client.emit("bad", 1);
    client.emit("good", "text");
    const [error] = await refused;
    expect((error as Error).message).toBe("bad event");
    expect(await arrived).toEqual(["text!"]);
    const box = inbox(client);
    await box.upToFence((fence) => socket.emit(fence));
    expect([heard, client.connected, box.events]).toEqual([false, true, []]);
  },
};

export const group: readonly Row[] = [
  refusal,
  refusalWithoutData,
  asynchronous,
  ordered,
  firstRefusal,
  prepares,
  secondTry,
  packets,
];
