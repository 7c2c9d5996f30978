import type { Socket } from "socket.io-client";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { App, type Io, LIBRARY, type Running } from "./app.ts";
import { heard } from "./heard.ts";

// The plugins of Fastify that make `app.io`: the one of version 4, and its successor on version 5.

const apps = await Promise.all([App.install("fastify"), App.install("fastify4")]);
const rows = await Promise.all(
  apps.map(async (app) =>
    Object.entries((await app?.clients()) ?? {}).map(([name, io]) => [app!.name, name, app!, io] as const),
  ),
);

describe.skipIf(apps.includes(undefined)).each(rows.flat())(
  `%s on ${LIBRARY}, %s`,
  (_app, _client, app, io: Io) => {
    let running: Running;
    let socket: Socket;
    beforeEach(async () => {
      running = await app.start();
      socket = io(running.url, { forceNew: true, reconnection: false });
    });
    afterEach(async () => {
      socket.disconnect();
      await running.stop();
    });

    test("routes and sockets live on one server, and know of each other", async () => {
      expect(await socket.emitWithAck("echo", { a: [1, "two"] })).toEqual({ a: [1, "two"] });
      expect(await socket.emitWithAck("routes")).toEqual({ sockets: 1 });
      const told = heard(socket, "told");
      const answer = await fetch(`${running.url}/tell`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ text: "news" }),
      });
      expect(await answer.json()).toEqual({ ok: true });
      expect(await told).toEqual(["news"]);
      expect((await fetch(`${running.url}/nothing`)).status).toBe(404);
    });

    test("options of the plugin reach the server", async () => {
      const headers = { origin: "https://pages.example" };
      const answer = await fetch(`${running.url}/socket.io/?EIO=4&transport=polling`, { headers });
      expect(answer.headers.get("access-control-allow-origin")).toBe("https://pages.example");
    });

    test("closing the app ends the sockets and the program", async () => {
      await socket.emitWithAck("echo", 1);
      const gone = heard(socket, "disconnect");
      await fetch(`${running.url}/close`, { method: "POST" });
      await gone;
      expect(await running.ended).toBe(0);
    });
  },
);
