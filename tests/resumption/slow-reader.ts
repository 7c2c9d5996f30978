import http from "node:http";
import type { AddressInfo } from "node:net";
import { io as connect } from "@bowline/client";
import { Server } from "@bowline/server";
import { nodeHost } from "@bowline/server/node";
import { uwsHost } from "@bowline/server/uws";
import { expect, test } from "vitest";
import { FaultProxy } from "../faults/proxy.ts";
import { listenUws } from "../uws-app.ts";

const KIB = "x".repeat(1_000);

async function listen(io: Server, host: "node" | "uws"): Promise<number> {
  if (host === "uws") return (await listenUws((app) => io.attach(uwsHost(app)))).port;
  const server = http.createServer();
  io.attach(nodeHost(server));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

export function slowReaderTests(host: "node" | "uws"): void {
  test.each(["websocket", "sse"] as const)(
    `[U16] ${host}, %s: with little room, who read nothing for a while is told what it missed, and goes on`,
    async (transport) => {
      // Less than what a host needs to have waiting before it says that it has left.
      const io = new Server({ resumption: { maxBytes: 4_000 } });
      const proxy = await FaultProxy.to(await listen(io, host));
      const client = connect(proxy.url, { forceNew: true, transports: [transport] });
      const entered = new Promise<void>((resolve) => client.on("connect", () => resolve()));
      const [socket] = await Promise.all([
        new Promise<Parameters<Parameters<typeof io.on>[1]>[0]>((resolve) => io.on("connection", resolve)),
        entered,
      ]);
      const heard: number[] = [];
      const gaps: { readonly from: number; readonly to: number; readonly why: string }[] = [];
      client.on("n", (number: number) => heard.push(number));
      client.resumption.on("gap", (gap) => gaps.push(gap));
      for (const link of proxy.links) link.down.stall();
      let sent = 0;
      // The system takes some megabytes; then it waits with us.
      while ((socket?.conn.bufferedAmount ?? 0) <= 65_536) {
        for (let burst = 0; burst < 20; burst++) io.emit("n", ++sent, KIB);
        await new Promise((resolve) => setImmediate(resolve));
      }
      const done = new Promise<void>((resolve) => client.on("end", () => resolve()));
      for (let burst = 0; burst < 100; burst++) io.emit("n", ++sent, KIB);
      for (const link of proxy.links) link.down.stall(false);
      const asking = setInterval(() => io.emit("end"), 20);
      await done;
      clearInterval(asking);
      const [gap] = gaps;
      expect(gaps.map(({ why }) => why)).toEqual(["overflow"]);
      expect(heard).toEqual(Array.from({ length: (gap?.from ?? 0) - 1 }, (_, at) => at + 1));
      expect(gap?.to).toBeGreaterThanOrEqual(sent);
      expect(socket?.resumption?.resumes).toBe(0);
      client.disconnect();
      await proxy.close();
      await io.close();
    },
  );
}
