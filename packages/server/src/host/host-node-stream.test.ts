import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { NodeStream } from "./host-node-stream.ts";
import { TurnQueue } from "./turn-queue.ts";

afterEach(() => vi.useRealTimers());

test("[H23] a peer that does not read what was ended is cut after half a minute, and no timer stays for one that does", async () => {
  const reports: string[] = [];
  const server = createServer((request, response) => {
    const stream = new NodeStream(response, new TurnQueue(), (error) => reports.push(String(error)));
    const name = request.url ?? "";
    stream.open(
      () => ({ drain() {}, closed: () => reports.push(`${name} closed`) }),
      () => server.emit("over"),
    );
    // No kernel holds as much.
    stream.write("x".repeat(name === "/stalled" ? 30_000_000 : 10));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    stream.end();
    server.emit("ended");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const ask = async (path: string): Promise<void> => {
    const ended = new Promise((resolve) => server.once("ended", resolve));
    const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
    client.on("error", () => {});
    if (path === "/stalled") client.pause();
    else client.resume();
    client.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    await ended;
  };
  const over = (): Promise<unknown> => new Promise((resolve) => server.once("over", resolve));
  let isOver = over();
  await ask("/read");
  await isOver;
  expect([reports, vi.getTimerCount()]).toEqual([["/read closed"], 0]);
  vi.useRealTimers();
  isOver = over();
  await ask("/stalled");
  vi.advanceTimersByTime(29_999);
  await new Promise((resolve) => setImmediate(resolve));
  expect(reports).toHaveLength(1);
  vi.advanceTimersByTime(1);
  await isOver;
  expect(reports).toEqual(["/read closed", "/stalled closed"]);
  server.close();
});
