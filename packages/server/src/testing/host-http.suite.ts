import { Agent } from "node:http";
import { RealtimeError } from "@bowline/protocol";
import { expect, test, vi } from "vitest";
import type { HostRequest, HostResponse } from "../host/host.ts";
import type { HostWorld } from "./host-world.ts";
import { call, type HttpAnswer, RawClient } from "./http-client.ts";

const LIMIT = 100_000;

/** Requests and answers. */
export function httpSuite(world: () => HostWorld): void {
  const get = (path: string): Promise<HttpAnswer> => call(world().port, { path });

  test("[H6] the path is answered with and without a slash, and nothing that only begins like it", async () => {
    const paths = ["/io", "/io/", "/io?a", "/iox", "/io/x", "/", "/IO", "/io//"];
    const answers = await Promise.all(paths.map(get));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 404, 404, 404, 404, 404]);
  });

  test("[H6] every method reaches the handler, in capitals", async () => {
    const methods = ["GET", "POST", "OPTIONS", "PUT", "DELETE", "PATCH", "HEAD"];
    for (const method of methods) await call(world().port, { method, path: "/io" });
    expect(world().handler.requests.map(({ method }) => method)).toEqual(methods);
  });

  test("[H1] a request is whole long after it was answered", async () => {
    await call(world().port, { path: "/io/?a=%20b&a=c", headers: { "X-Name": "Value" } });
    await new Promise((resolve) => setTimeout(resolve, 5));
    const request = world().handler.requests[0] as HostRequest;
    expect(request).toMatchObject({ method: "GET", path: "/io/", query: "a=%20b&a=c", secure: false });
    expect(request.headers["x-name"]).toBe("Value");
    expect(request.remoteAddress).toMatch(/^(::ffff:)?127\.0\.0\.1$/);
  });

  test("[H2] header names are in lower case, repeated ones are joined, and no name is special", async () => {
    const client = new RawClient(world().port);
    const lines = [
      "Host: a",
      "X-A: 1",
      "x-a: 2",
      "Cookie: a=1",
      "Cookie: b=2",
      "__proto__: p",
      "constructor: c",
    ];
    client.write(`GET /io HTTP/1.1\r\n${lines.join("\r\n")}\r\nConnection: close\r\n\r\n`);
    await client.until("hello");
    const { headers } = world().handler.requests[0] as HostRequest;
    expect(Object.getPrototypeOf(headers)).toBeNull();
    expect([headers["x-a"], headers["cookie"], headers["constructor"]]).toEqual(["1, 2", "a=1; b=2", "c"]);
    expect(headers["toString"]).toBeUndefined();
    client.reset();
  });

  test("[H3] an answer may come late, with its status, headers and length", async () => {
    world().handler.answer = async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      return { status: 403, headers: { "Content-Type": "application/json", "X-A": "b" }, body: '"é"' };
    };
    const { status, headers, body } = await get("/io");
    expect([status, body.toString("utf8")]).toEqual([403, '"é"']);
    expect(headers).toMatchObject({ "content-type": "application/json", "x-a": "b", "content-length": "4" });
  });

  test("[H3] bytes are answered as they are", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    world().handler.answer = () => ({ status: 200, body: bytes });
    expect((await get("/io")).body).toEqual(Buffer.from(bytes));
  });

  test("[H3] an answer without a body has none, and neither has the answer to HEAD", async () => {
    world().handler.answer = ({ method }) => ({
      status: method === "HEAD" ? 200 : 204,
      body: method === "HEAD" ? "12345" : "",
    });
    expect(await get("/io")).toMatchObject({ status: 204, body: Buffer.alloc(0) });
    const head = await call(world().port, { method: "HEAD", path: "/io" });
    expect([head.status, head.headers["content-length"], head.body.length]).toEqual([200, "5", 0]);
  });

  test("[H3] a long answer arrives whole", async () => {
    const body = "x".repeat(3_000_000);
    world().handler.answer = () => ({ status: 200, body });
    expect((await get("/io")).body.toString("latin1")).toBe(body);
  });

  test("[H3] requests of one connection are answered in their order", async () => {
    world().handler.answer = async ({ query }) => {
      await new Promise((resolve) => setTimeout(resolve, query === "1" ? 10 : 0));
      return { status: 200, body: `answer ${query};` };
    };
    const client = new RawClient(world().port);
    client.write("GET /io?1 HTTP/1.1\r\nHost: a\r\n\r\n");
    await client.until("answer 1;");
    client.write("GET /io?2 HTTP/1.1\r\nHost: a\r\n\r\n");
    await client.until("answer 2;");
    client.reset();
  });

  test("[H9] a body is whole, however many pieces it comes in", async () => {
    world().handler.answer = async (request) => ({ status: 200, body: await request.body() });
    const post = { method: "POST", path: "/io" };
    expect(
      (await call(world().port, { ...post, body: ["é".slice(0, 1), "–", "b"] })).body.toString("utf8"),
    ).toBe("é–b");
    expect((await call(world().port, { ...post, body: "" })).body).toHaveLength(0);
    expect((await call(world().port, post)).body).toHaveLength(0);
    const large = "y".repeat(LIMIT);
    const headers = { "Content-Length": String(LIMIT) };
    expect((await call(world().port, { ...post, headers, body: large })).body.toString("latin1")).toBe(large);
  });

  test("[H9] a body that is asked for late is there all the same", async () => {
    world().handler.answer = async (request) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return { status: 200, body: await request.body() };
    };
    const answer = await call(world().port, { method: "POST", path: "/io", body: ["a", "b"] });
    expect(answer.body.toString("utf8")).toBe("ab");
  });

  test("[H9] a body over the limit is refused, and who sends it gets to know", async () => {
    world().handler.answer = answerBodyLength;
    const post = { method: "POST", path: "/io" };
    const large = "z".repeat(LIMIT * 3);
    const declared = { ...post, headers: { "Content-Length": String(large.length) }, body: large };
    expect((await call(world().port, declared)).status).toBe(413);
    const chunked = { ...post, body: Array.from({ length: 30 }, () => "z".repeat(LIMIT / 10)) };
    expect((await call(world().port, chunked)).status).toBe(413);
  });

  test("[H9] a body that is announced as too large is refused before it is there", async () => {
    world().handler.answer = answerBodyLength;
    const client = new RawClient(world().port);
    client.write(`POST /io HTTP/1.1\r\nHost: a\r\nContent-Length: ${LIMIT + 1}\r\n\r\n`);
    expect(await client.until("\r\n\r\n")).toContain("413");
    client.reset();
  });

  test("[H9] a body whose length is said twice, or in two ways, is refused", async () => {
    for (const second of ["Content-Length: 6", "Transfer-Encoding: chunked"]) {
      const client = new RawClient(world().port);
      client.write(`POST /io HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n${second}\r\n\r\n0\r\n\r\n`);
      expect(await client.until("\r\n\r\n")).toMatch(/^HTTP\/1\.1 400/);
      client.reset();
    }
    expect(world().handler.requests).toEqual([]);
  });

  test("[H10] a peer that leaves before its answer is reported, once", async () => {
    let aborts = 0;
    world().handler.answer = (request) => {
      request.onAbort(() => aborts++);
      return new Promise(() => {});
    };
    const client = new RawClient(world().port);
    client.write("GET /io HTTP/1.1\r\nHost: a\r\n\r\n");
    await vi.waitFor(() => expect(world().handler.requests).toHaveLength(1));
    client.reset();
    await vi.waitFor(() => expect(aborts).toBe(1));
  });

  test("[H10] who asks after the peer left is told at once", async () => {
    let isLate = false;
    const told = new Promise<void>((resolve) => {
      world().handler.answer = async (request) => {
        await vi.waitFor(() => expect(isLate).toBe(true));
        request.onAbort(resolve);
        return { status: 200 };
      };
    });
    const client = new RawClient(world().port);
    client.write("GET /io HTTP/1.1\r\nHost: a\r\n\r\n");
    await vi.waitFor(() => expect(world().handler.requests).toHaveLength(1));
    client.reset();
    await new Promise((resolve) => setTimeout(resolve, 30));
    isLate = true;
    await told;
  });

  test("[H10] a peer that was answered is not reported as gone", async () => {
    let aborts = 0;
    world().handler.answer = (request) => (request.onAbort(() => aborts++), { status: 200 });
    await get("/io");
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(aborts).toBe(0);
  });

  test("[H10] a body breaks off with the peer", async () => {
    const failed = new Promise<unknown>((resolve) => {
      world().handler.answer = (request) =>
        request.body().then(
          () => ({ status: 200 }),
          (error: unknown) => (resolve(error), { status: 400 }),
        );
    });
    const client = new RawClient(world().port);
    client.write("POST /io HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12");
    await vi.waitFor(() => expect(world().handler.requests).toHaveLength(1));
    client.reset();
    expect(await failed).toMatchObject({ code: "transport_failed" });
  });

  test("[H5] a handler that throws or rejects is reported, and answered with 500", async () => {
    world().handler.answer = () => {
      throw new Error("at once");
    };
    expect((await get("/io")).status).toBe(500);
    world().handler.answer = () => Promise.reject(new Error("later"));
    expect((await get("/io")).status).toBe(500);
    expect(world().errors.map(String)).toEqual(["Error: at once", "Error: later"]);
  });

  test("[H12] stop refuses new connections and does not wait for idle ones", async () => {
    const agent = new Agent({ keepAlive: true });
    await call(world().port, { path: "/io", agent });
    const before = performance.now();
    await world().stop();
    expect(performance.now() - before).toBeLessThan(1000);
    await expect(get("/io")).rejects.toThrow();
    agent.destroy();
  });

  test("[H12] an answer that is given as the host stops still arrives", async () => {
    let answer: (response: HostResponse) => void = () => {};
    world().handler.answer = () => new Promise((resolve) => (answer = resolve));
    const pending = get("/io");
    await vi.waitFor(() => expect(world().handler.requests).toHaveLength(1));
    const stopped = world().stop();
    answer({ status: 200, body: "goodbye" });
    expect((await pending).body.toString("utf8")).toBe("goodbye");
    await stopped;
  });
}

async function answerBodyLength(request: HostRequest): Promise<HostResponse> {
  try {
    return { status: 200, body: String((await request.body()).byteLength) };
  } catch (error) {
    const isTooLarge = error instanceof RealtimeError && error.code === "payload_too_large";
    return { status: isTooLarge ? 413 : 400 };
  }
}
