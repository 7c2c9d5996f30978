import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { type OpenedHost, openHost } from "./listen.ts";
import { call } from "./testing/http-client.ts";
import { RecordingHandler } from "./testing/recording-handler.ts";

/** Its binaries are made for some versions of Node, and Node 24 is not among those of the package that we test with. */
const uwsMissing = await import("uWebSockets.js").then(
  () => undefined,
  (error: unknown) => String(error),
);
if (uwsMissing)
  process.stdout.write(
    `!! NOT RUN: listening on uWebSockets.js, which cannot be loaded here: ${uwsMissing}\n`,
  );

/** Real ports of the loopback, free ones. */
async function run(opened: OpenedHost, use: (port: number) => Promise<void>): Promise<void> {
  const options = { path: "/io", maxPayload: 1000, destroyUpgradeAfterMs: 50, onError() {} } as const;
  const link = opened.host.start(new RecordingHandler(), options);
  try {
    await use((await opened.listening).port);
  } finally {
    await link.stop();
  }
}

test.skipIf(uwsMissing)("[H14] without a wish it is uWebSockets.js, if installed, and says so", async () => {
  const opened = openHost(0, { hostname: "127.0.0.1" });
  expect(opened.httpServer).toBeUndefined();
  await run(opened, async (port) => {
    expect(await opened.listening).toEqual({
      host: "uWebSockets.js",
      port,
      reason: "uWebSockets.js is installed",
    });
    expect((await call(port, { path: "/io" })).status).toBe(200);
  });
});

test("[H14] node:http can be asked for, and its server is there", async () => {
  const opened = openHost(0, { hostname: "127.0.0.1", prefer: "node" });
  expect(opened.httpServer).toBeDefined();
  await run(opened, async (port) => {
    expect(await opened.listening).toEqual({ host: "node:http", port, reason: "node:http was asked for" });
    expect((await call(port, { path: "/io" })).status).toBe(200);
  });
});

for (const prefer of ["node", "uws"] as const) {
  const on = test.skipIf(prefer === "uws" && uwsMissing);
  on(`[H14] on ${prefer} every other path is 404`, async () => {
    await run(openHost(0, { hostname: "127.0.0.1", prefer }), async (port) => {
      const paths = ["/", "/iox", "/favicon.ico"];
      const answers = await Promise.all(paths.map((path) => call(port, { path })));
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
    });
  });

  on(`[H14] on ${prefer} a port that is in use is listen_failed, with what to do`, async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    const opened = openHost(port, { hostname: "127.0.0.1", prefer });
    await expect(opened.listening).rejects.toMatchObject({
      code: "listen_failed",
      message: `cannot listen on port ${port}: it is in use; stop who has it, or listen on another one (0 takes any that is free)`,
      cause: { code: "EADDRINUSE" },
    });
    await new Promise((resolve) => other.close(resolve));
  });

  on(`[H14] on ${prefer} two servers do not share a port`, async () => {
    await run(openHost(0, { hostname: "127.0.0.1", prefer }), async (port) => {
      const second = openHost(port, { hostname: "127.0.0.1", prefer: "uws" });
      await expect(second.listening).rejects.toMatchObject({ code: "listen_failed" });
    });
  });

  on(`[H14] on ${prefer} an address that is not ours is listen_failed`, async () => {
    const opened = openHost(0, { hostname: "192.0.2.1", prefer });
    await expect(opened.listening).rejects.toThrow("this machine has no such address");
  });
}

test("[H14] one that is closed before it listens says so, and nobody waits for ever", async () => {
  const opened = openHost(0, { prefer: "node" });
  const options = { path: "/io", maxPayload: 1000, destroyUpgradeAfterMs: 50, onError() {} } as const;
  await opened.host.start(new RecordingHandler(), options).stop();
  await expect(opened.listening).rejects.toMatchObject({ code: "listen_failed" });
});
