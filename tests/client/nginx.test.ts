import { io as connect } from "@bowline/client";
import { Server } from "@bowline/server";
import { afterEach, expect, test } from "vitest";
import { nodeUnderTest, uwsUnderTest } from "../contract/hosts.ts";
import { uwsMissing } from "../uws-app.ts";
import { Nginx, nginxMissing } from "./nginx.ts";

const TOKENS = 200;
const HOSTS = {
  node: { host: nodeUnderTest, missing: nginxMissing, more: "", transports: ["websocket", "sse", "polling"] },
  uws: {
    host: uwsUnderTest,
    missing: nginxMissing ?? uwsMissing,
    // It answers no HTTP/1.0 at all, and in HTTP/1.1, in chunks, nginx holds back less. And uWebSockets.js takes for a
    // WebSocket what has lost its `Upgrade` on the way.
    more: 'proxy_http_version 1.1; proxy_set_header Connection "";',
    transports: ["sse", "polling"],
  },
} as const;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

for (const [name, { host, missing, more, transports }] of Object.entries(HOSTS)) {
  test.skipIf(missing)(
    `[C84, V2] nginx as it stands, which buffers, in front of ${name}: a stream goes through it, and nobody falls back to polling`,
    async () => {
      const io = new Server();
      const polls: unknown[] = [];
      io.engine.use((request, _response, next) => {
        if (request.url?.includes("transport=polling")) polls.push(request.url);
        next();
      });
      const nginx = await Nginx.to(await host.listen((attached) => io.attach(attached)), more);
      const client = connect(nginx.url, { forceNew: true, transports });
      closing.push(
        () => io.close(),
        () => nginx.stop(),
        () => client.disconnect(),
      );
      const suspensions: unknown[] = [];
      client.resumption.on("suspend", (reason) => suspensions.push(reason));
      io.on("connection", (socket) => socket.on("next", (number) => socket.emit("token", number)));
      await new Promise<void>((resolve) => client.once("connect", resolve));
      expect(client.io.engine.transport.name).toBe("sse");
      const tokens: unknown[] = [];
      // One after the other: a proxy that waits for more waits for ever.
      await new Promise<void>((resolve) => {
        client.on("token", (number) => {
          if (tokens.push(number) === TOKENS) resolve();
          else client.emit("next", tokens.length);
        });
        client.emit("next", 0);
      });
      expect(tokens).toEqual(Array.from({ length: TOKENS }, (_, number) => number));
      expect([client.io.engine.transport.name, polls, suspensions]).toEqual(["sse", [], []]);
    },
  );
}
