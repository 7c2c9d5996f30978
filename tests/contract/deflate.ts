import { Server } from "@bowline/server";
import type { HostUnderTest } from "@bowline/server/testing";
import { io as connect } from "socket.io-client";
import { expect, test } from "vitest";

interface WithWebSocket {
  readonly transport: {
    readonly ws: { readonly extensions: string; readonly _socket: { readonly bytesRead: number } };
  };
}

/** A stock client that offers compression, on a server with the option and on one without. */
export function deflateTest(host: HostUnderTest): void {
  for (const perMessageDeflate of [false, true, { threshold: 10_000 }]) {
    test(`[E43] ${host.name}: perMessageDeflate ${JSON.stringify(perMessageDeflate)}`, async () => {
      const io = new Server({ perMessageDeflate });
      const port = await host.listen((attached) => io.attach(attached));
      io.on("connection", (socket) => {
        socket.on("echo", (value: unknown, done: (value: unknown) => void) => done(value));
      });
      const client = connect(`http://127.0.0.1:${port}`, { transports: ["websocket"], forceNew: true });
      await new Promise<void>((resolve) => client.once("connect", resolve));
      const { ws } = (client.io.engine as unknown as WithWebSocket).transport;
      expect(ws.extensions).toBe(perMessageDeflate ? "permessage-deflate" : "");
      const before = ws._socket.bytesRead;
      for (const value of ["x".repeat(5000), Buffer.alloc(5000, 1)]) {
        expect(await client.timeout(5000).emitWithAck("echo", value)).toEqual(value);
      }
      const read = ws._socket.bytesRead - before;
      if (perMessageDeflate === true) expect(read).toBeLessThan(1000);
      else expect(read).toBeGreaterThan(10_000);
      client.disconnect();
      await io.close();
    });
  }
}
