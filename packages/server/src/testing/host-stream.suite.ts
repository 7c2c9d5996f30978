import { expect, test, vi } from "vitest";
import type { HostResponse } from "../host/host.ts";
import type { HostWorld } from "./host-world.ts";
import { call, RawClient } from "./http-client.ts";
import type { RecordedStream } from "./recording-handler.ts";
import { StreamClient } from "./stream-client.ts";

const HEAD: HostResponse = {
  status: 200,
  headers: { "Content-Type": "text/event-stream", "X-A": ["1", "2"] },
};
/** More than kernels keep for a connection. */
const FLOOD_BYTES = 24 * 1024 * 1024;
const PIECE = "é".repeat(32 * 1024);

/** H20 to H27: answers that go on. */
export function streamSuite(world: () => HostWorld): void {
  /** A peer that has got its head and the text `hello`. */
  const start = async (
    opened?: (recorded: RecordedStream) => void,
  ): Promise<{ client: StreamClient; recorded: RecordedStream }> => {
    const { handler, port } = world();
    handler.answer = () => handler.streaming(HEAD, opened ?? (({ stream }) => stream.write("hello ")));
    const next = handler.nextStream();
    const client = new StreamClient(port, { path: "/io" });
    const recorded = await next;
    await client.until("hello ");
    return { client, recorded };
  };

  test("[H20] an answer that goes on has its status and headers, no length, and ends whole", async () => {
    const { client, recorded } = await start();
    const { statusCode, headers } = await client.answered;
    expect([statusCode, headers["content-type"], headers["x-a"]]).toEqual([200, "text/event-stream", "1, 2"]);
    expect(headers["content-length"]).toBeUndefined();
    recorded.stream.write("wörld");
    recorded.stream.end();
    expect([await client.ended, client.text]).toEqual(["whole", "hello wörld"]);
  });

  test("[H20] it may begin late, and its connection serves the next request", async () => {
    const { handler, port } = world();
    handler.answer = async ({ query }) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return handler.streaming({ status: 201 }, ({ stream }) => {
        stream.write(`answer ${query};`);
        stream.end();
      });
    };
    const client = new RawClient(port);
    client.write("GET /io?1 HTTP/1.1\r\nHost: a\r\n\r\n");
    await client.until("0\r\n\r\n");
    client.write("GET /io?2 HTTP/1.1\r\nHost: a\r\n\r\n");
    const received = await client.until("answer 2;");
    expect(received.match(/HTTP\/1.1 201/g)).toHaveLength(2);
    client.reset();
  });

  test("[H20] HEAD gets the head of it, and nothing is opened", async () => {
    const { handler, port } = world();
    let opened = 0;
    handler.answer = () => handler.streaming(HEAD, () => opened++);
    const { status, headers, body } = await call(port, { method: "HEAD", path: "/io" });
    expect([status, headers["content-type"], body.length, opened]).toEqual([200, "text/event-stream", 0, 0]);
  });

  test("[H20] one that is ended before it wrote anything is empty, and whole", async () => {
    const { handler, port } = world();
    handler.answer = () => handler.streaming(HEAD, ({ stream }) => stream.end());
    const { status, headers, body } = await call(port, { path: "/io" });
    expect([status, headers["content-type"], body.length]).toEqual([200, "text/event-stream", 0]);
  });

  test("[H21] texts leave in the order of the calls, those of one turn in one write", async () => {
    const { handler, port } = world();
    handler.answer = () => handler.streaming(HEAD, ({ stream }) => stream.write("hello "));
    const next = handler.nextStream();
    const client = new RawClient(port);
    client.write("GET /io HTTP/1.1\r\nHost: a\r\n\r\n");
    const { stream } = await next;
    await client.until("hello ");
    const before = client.chunks;
    for (let index = 0; index < 200; index++) {
      stream.write(`${index},`);
      if (index % 50 === 0) await Promise.resolve();
    }
    const received = await client.until("199,");
    expect(client.chunks - before).toBe(1);
    expect(received).toContain(Array.from({ length: 200 }, (_, index) => `${index},`).join(""));
    client.reset();
  });

  test("[H22] what a peer does not read is counted, and `drain` says when it has left", async () => {
    const { client, recorded } = await start();
    const { stream, reports } = recorded;
    await client.pause();
    const amounts: number[] = [];
    for (let written = 0; written < FLOOD_BYTES; written += Buffer.byteLength(PIECE)) {
      stream.write(PIECE);
      amounts.push(stream.bufferedAmount);
      await new Promise((resolve) => setImmediate(resolve));
    }
    // At once, and all of it that the kernel does not hold.
    expect(amounts[0]).toBeGreaterThanOrEqual(Buffer.byteLength(PIECE));
    expect(stream.bufferedAmount).toBeGreaterThan(FLOOD_BYTES / 4);
    // As long as the kernel took them, pieces have left.
    const before = reports.length;
    await client.resume();
    await recorded.reported("drain", before + 1);
    expect(stream.bufferedAmount).toBe(0);
    stream.write("the end");
    await client.until("the end");
    expect(client.text.length).toBe("hello ".length + amounts.length * PIECE.length + "the end".length);
    client.leave();
  });

  test("[H22] what is flushed and taken has left at once, and in the order of the calls", async () => {
    const { client, recorded } = await start();
    const { stream } = recorded;
    let expected = "hello ";
    for (let index = 0; index < 20; index++) {
      const text = `${index}:${"x".repeat(10_000)}`;
      expected += `${text}!`;
      stream.write(text);
      stream.flush?.();
      stream.write("!");
      expect(stream.bufferedAmount).toBe(1);
      if (index % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await client.when(() => client.text.length === expected.length);
    expect(client.text === expected).toBe(true);
    client.leave();
  });

  test("[H22] a reader that is slow again and again gets all of it, in order", async () => {
    const { client, recorded } = await start();
    const { stream } = recorded;
    let expected = "hello ";
    for (let round = 0; round < 4; round++) {
      await client.pause();
      for (let index = 0; index < 40; index++) {
        const text = `${round}.${index}:${"x".repeat(200_000)};`;
        expected += text;
        stream.write(text);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await client.resume();
      // Not yet read by the time that the next round begins.
      await client.when(() => client.text.length > expected.length - 4_000_000);
    }
    await client.when(() => client.text.length >= expected.length);
    expect(client.text === expected).toBe(true);
    client.leave();
  });

  test("[H23] `end` lets what was written leave, to a slow reader too; `closed` comes once and last", async () => {
    const { client, recorded } = await start();
    const { stream } = recorded;
    await client.pause();
    for (let written = 0; written < FLOOD_BYTES; written += Buffer.byteLength(PIECE)) stream.write(PIECE);
    stream.end();
    stream.write("too late");
    stream.end();
    expect(recorded.reports).toEqual([]);
    await client.resume();
    expect(await client.ended).toBe("whole");
    expect(client.text.length).toBe("hello ".length + FLOOD_BYTES / 2);
    await recorded.reported("closed");
    stream.terminate();
    expect([recorded.reports.filter((report) => report === "closed"), stream.bufferedAmount]).toEqual([
      ["closed"],
      0,
    ]);
  });

  test("[H23] what was ended can still be cut, as long as some of it has not left", async () => {
    const { client, recorded } = await start();
    await client.pause();
    for (let written = 0; written < FLOOD_BYTES; written += Buffer.byteLength(PIECE))
      recorded.stream.write(PIECE);
    recorded.stream.end();
    await new Promise((resolve) => setImmediate(resolve));
    recorded.stream.terminate();
    await recorded.reported("closed");
    await client.resume();
    expect(await client.ended).toBe("broken");
  });

  test("[H23] `terminate` cuts, and `closed` is reported, but not from inside the call", async () => {
    const { client, recorded } = await start();
    recorded.stream.terminate();
    recorded.stream.terminate();
    recorded.stream.write("lost");
    recorded.stream.end();
    expect(recorded.reports).toEqual([]);
    expect(await client.ended).toBe("broken");
    await recorded.reported("closed");
    expect([recorded.reports, client.text]).toEqual([["closed"], "hello "]);
  });

  test("[H24] a peer that vanishes in the midst is reported once, as the end of the stream", async () => {
    const { handler, port } = world();
    let aborts = 0;
    handler.answer = (request) => {
      request.onAbort(() => aborts++);
      return handler.streaming(HEAD, ({ stream }) => stream.write("hello "));
    };
    const next = handler.nextStream();
    const client = new RawClient(port);
    client.write("GET /io HTTP/1.1\r\nHost: a\r\n\r\n");
    const recorded = await next;
    await client.until("hello ");
    client.reset();
    await recorded.reported("closed");
    recorded.stream.write("nobody");
    recorded.stream.end();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([recorded.reports, aborts, recorded.stream.bufferedAmount]).toEqual([["closed"], 0, 0]);
  });

  test("[H24] for a peer that left before there was an answer nothing is opened", async () => {
    const { handler, port } = world();
    let opened = 0;
    let answer: () => void = () => {};
    const aborted = new Promise<void>((resolve) => {
      handler.answer = (request) => {
        request.onAbort(resolve);
        return new Promise((settle) => (answer = () => settle(handler.streaming(HEAD, () => opened++))));
      };
    });
    const client = new RawClient(port);
    client.write("GET /io HTTP/1.1\r\nHost: a\r\n\r\n");
    await vi.waitFor(() => expect(handler.requests).toHaveLength(1));
    client.reset();
    await aborted;
    answer();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect([opened, world().errors]).toEqual([0, []]);
  });

  test("[H25] who throws when the stream opens is reported, and the link is cut", async () => {
    const { handler, port } = world();
    handler.answer = () =>
      handler.streaming(HEAD, () => {
        throw new Error("in open");
      });
    const client = new StreamClient(port, { path: "/io" });
    expect(await client.ended).toBe("broken");
    expect(world().errors.map(String)).toEqual(["Error: in open"]);
  });

  test("[H25] who throws at its end is reported, and the next is served", async () => {
    const { client, recorded } = await start();
    recorded.onReport = (report) => {
      throw new Error(`in ${report}`);
    };
    client.leave();
    await vi.waitFor(() => expect(world().errors.map(String)).toEqual(["Error: in closed"]));
    expect((await start()).client.text).toBe("hello ");
  });

  test("[H26] what was set on the response is in the head, and who patched its methods is called", async () => {
    const { handler, port } = world();
    const patched: string[] = [];
    let closes = 0;
    handler.answer = ({ outgoing }) => {
      outgoing.setHeader("X-Set", "set");
      outgoing.once("close", () => closes++);
      const { writeHead, end } = outgoing;
      outgoing.writeHead = function (this: typeof outgoing, ...args: Parameters<typeof writeHead>) {
        patched.push("writeHead");
        outgoing.setHeader("X-Late", "late");
        return writeHead.apply(this, args);
      } as typeof writeHead;
      outgoing.end = function (this: typeof outgoing, ...args: Parameters<typeof end>) {
        patched.push("end");
        return end.apply(this, args);
      } as typeof end;
      return handler.streaming(HEAD, ({ stream }) => stream.write("hello "));
    };
    const next = handler.nextStream();
    const client = new StreamClient(port, { path: "/io" });
    const { headers } = await client.answered;
    expect([headers["x-set"], headers["x-late"], headers["content-type"]]).toEqual([
      "set",
      "late",
      "text/event-stream",
    ]);
    expect(patched).toEqual(["writeHead"]);
    const { stream } = await next;
    stream.write("all");
    stream.end();
    expect([await client.ended, client.text, patched]).toEqual(["whole", "hello all", ["writeHead", "end"]]);
    await vi.waitFor(() => expect(closes).toBe(1));
  });

  test("[H27] stopping cuts those that nobody ended, and lets those leave that were", async () => {
    const first = await start();
    const second = await start();
    second.recorded.stream.write("goodbye");
    second.recorded.stream.end();
    await world().stop();
    expect([await first.client.ended, await second.client.ended]).toEqual(["broken", "whole"]);
    expect(second.client.text).toBe("hello goodbye");
    await first.recorded.reported("closed");
    await second.recorded.reported("closed");
  });
}
