import { virtualClock } from "@bowline/protocol/testing";
import { describe, expect, test } from "vitest";
import * as client from "./index.ts";
import { fakeEnv } from "./testing/fake-env.ts";

const { connect, io, Manager, Socket } = client;

describe("io", () => {
  const env = fakeEnv(virtualClock(), { pageUrl: "http://page" });

  test("[C3] exports what socket.io-client does", () => {
    expect(Object.keys(client).sort()).toEqual([
      "Fetch",
      "Manager",
      "NodeWebSocket",
      "NodeXHR",
      "RealtimeError",
      "Socket",
      "WebSocket",
      "WebTransport",
      "XHR",
      "connect",
      "default",
      "io",
      "protocol",
    ]);
    expect(client.protocol).toBe(5);
    expect(connect).toBe(io);
  });

  test("[C72] the transports that Socket.IO exports may be listed", () => {
    const { Fetch, WebSocket, WebTransport } = client;
    io("http://named", { env, transports: [WebTransport, Fetch, WebSocket] });
    expect(env.request("GET").url.host).toBe("named");
  });

  test("[C3] namespaces of one server share a connection", () => {
    const main = io("http://shared", { env });
    const admin = io("http://shared:80/admin", { env });
    expect(main).toBeInstanceOf(Socket);
    expect(main.io).toBeInstanceOf(Manager);
    expect(admin.io).toBe(main.io);
    expect([main.nsp, admin.nsp]).toEqual(["/", "/admin"]);
    expect(env.sockets.filter(({ url }) => url.host === "shared")).toHaveLength(1);
  });

  test("[C3] the same namespace again, forceNew, multiplex: false and another path do not", () => {
    const main = io("http://again/x", { env });
    const others = [
      io("http://again/x", { env }),
      io("http://again/y", { env, forceNew: true }),
      io("http://again/z", { env, multiplex: false }),
      io("http://again/z", { env, path: "/other" }),
    ];
    expect(new Set([main, ...others].map((socket) => socket.io)).size).toBe(5);
  });

  test("[C1] without a URL it is the page's server", () => {
    io({ env });
    expect(env.socket().url.href).toBe("ws://page/socket.io/?EIO=4&transport=websocket");
    expect(io("/chat", { env }).nsp).toBe("/chat");
  });

  test("[C2] wrong options are refused also when the connection is shared", () => {
    expect(() => io("http://shared/more", { env, tokn: 1 } as object)).toThrow(/unknown option "tokn"/);
  });
});
