import type { Socket } from "socket.io-client";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { App, type Io, LIBRARY, type Running } from "./app.ts";
import { heard } from "./heard.ts";

// Express and its sessions, shared with the sockets by `io.engine.use`.

const app = await App.install("session");
const clients = (await app?.clients()) ?? {};

describe.skipIf(!app)(`the sessions of Express on ${LIBRARY}`, () => {
  let running: Running;
  beforeAll(async () => (running = await app!.start()));
  afterAll(() => running.stop());

  const call = async (method: string, path: string, cookie?: string): Promise<Response> =>
    fetch(running.url + path, { method, headers: cookie ? { cookie } : {} });
  const cookieOf = (answer: Response): string => answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";

  const sockets: Socket[] = [];
  afterEach(() => sockets.splice(0).forEach((socket) => socket.disconnect()));
  const connect = (io: Io, cookie: string, transport: string, more = {}): Socket => {
    const socket = io(running.url, {
      extraHeaders: { cookie, ...more },
      transports: [transport],
      forceNew: true,
    });
    sockets.push(socket);
    return socket;
  };

  const rows = Object.entries(clients).flatMap(([name, io]) =>
    ["polling", "websocket"].map((transport) => [name, transport, io] as const),
  );

  describe.each(rows)("%s over %s", (_name, transport, io) => {
    test("sees the session of the page, changes it and keeps the change", async () => {
      const cookie = cookieOf(await call("POST", "/incr"));
      const socket = connect(io, cookie, transport);
      expect(await socket.emitWithAck("count")).toBe(1);
      expect(await socket.emitWithAck("incr")).toBe(2);
      expect(await (await call("POST", "/incr", cookie)).text()).toBe("3");
      expect(await socket.emitWithAck("count")).toBe(3);
    });

    test("hears in the room of the session what a route does", async () => {
      const cookie = cookieOf(await call("POST", "/incr"));
      const [mine, other] = [connect(io, cookie, transport), connect(io, cookie, transport)];
      await Promise.all([heard(mine, "connect"), heard(other, "connect")]);
      const both = Promise.all([heard(mine, "count"), heard(other, "count")]);
      await call("POST", "/incr", cookie);
      expect(await both).toEqual([[2], [2]]);
    });

    test("is disconnected when the session ends", async () => {
      const cookie = cookieOf(await call("POST", "/incr"));
      const socket = connect(io, cookie, transport);
      await heard(socket, "connect");
      const gone = heard(socket, "disconnect");
      expect((await call("POST", "/logout", cookie)).status).toBe(204);
      expect((await gone)[0]).toBe("io server disconnect");
    });

    test("is refused by a middleware of the engine", async () => {
      const socket = connect(io, "", transport, { "x-stranger": "yes" });
      const [error] = (await heard(socket, "connect_error")) as [Error];
      expect(error).toBeInstanceOf(Error);
    });
  });

  test("a first request of the engine is given a session", async () => {
    const answer = await call("GET", "/socket.io/?EIO=4&transport=polling");
    expect(answer.status).toBe(200);
    expect(cookieOf(answer)).toMatch(/^connect\.sid=/);
  });

  test("what a middleware refuses is a bad request", async () => {
    const answer = await fetch(`${running.url}/socket.io/?EIO=4&transport=polling`, {
      headers: { "x-stranger": "yes" },
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({ code: 3, message: "Bad request" });
  });
});
