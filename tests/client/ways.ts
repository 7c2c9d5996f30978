import { createServer, request as askServer, type Server as HttpServer } from "node:http";
import { type AddressInfo } from "node:net";
import { type ClientOptions, io as connect, type Socket } from "@bowline/client";
import { Server, type ServerOptions } from "@bowline/server";
import type { HostUnderTest } from "@bowline/server/testing";
import { afterEach, describe, expect, test } from "vitest";
import { FaultProxy, type UpgradePolicy } from "../faults/proxy.ts";

const isStream = ({ url }: { url: string }): boolean => url.includes("transport=sse");
const BLOCKS: readonly UpgradePolicy[] = [403, "swallow", "cut"];

/** Numbers that go up and down at once: each is sent when another one arrived, so that there is always something under way. */
interface Traffic {
  readonly up: number[];
  readonly down: number[];
  /** How many more have to arrive on both ways. */
  more(count: number): Promise<void>;
  stop(): void;
}

/** Our client on our server, and whatever is between the two. */
export function waysTest(host: HostUnderTest): void {
  let io: Server;
  let port = 0;
  let proxy: FaultProxy;
  const errors: unknown[] = [];
  const sockets: Socket[] = [];
  const closing: (() => unknown)[] = [];

  const serve = async (options: ServerOptions = {}): Promise<void> => {
    io = new Server({ onError: (error) => errors.push(error), ...options });
    port = await host.listen((attached) => io.attach(attached));
    proxy = await FaultProxy.to(port);
    closing.push(
      () => io.close(),
      () => proxy.close(),
    );
    io.on("connection", (socket) => socket.on("echo", (what, answer) => answer(what)));
  };

  const dial = (options: ClientOptions = {}, url = proxy.url): Socket => {
    const socket = connect(url, { forceNew: true, reconnectionDelay: 1, ...options });
    sockets.push(socket);
    return socket;
  };

  const connected = async (options?: ClientOptions, url?: string): Promise<Socket> => {
    const socket = dial(options, url);
    await new Promise<void>((resolve) => socket.on("connect", resolve));
    return socket;
  };

  const nameOf = (socket: Socket): string => socket.io.engine.transport.name;

  const traffic = (socket: Socket): Traffic => {
    const up: number[] = [];
    const down: number[] = [];
    let [sent, pushed, isOver] = [0, 0, false];
    const peer = io.sockets.sockets.values().next().value;
    const push = (): unknown =>
      !isOver && peer?.emit("down", pushed++, "x".repeat(pushed % 300), Buffer.from([pushed]));
    const send = (): unknown =>
      !isOver && socket.emit("up", sent++, "\r\n".repeat(sent % 30), new Uint8Array([sent]));
    peer?.on("up", (number: number) => {
      up.push(number);
      push();
    });
    socket.on("down", (number: number) => {
      down.push(number);
      send();
    });
    for (let ahead = 0; ahead < 5; ahead++) {
      push();
      send();
    }
    return {
      up,
      down,
      async more(count) {
        const [wantUp, wantDown] = [up.length + count, down.length + count];
        await expect.poll(() => up.length >= wantUp && down.length >= wantDown, { interval: 5 }).toBe(true);
      },
      stop: () => (isOver = true),
    };
  };

  /** Nothing is missing, twice, or out of order. */
  const expectWhole = ({ up, down }: Traffic): void => {
    expect(up).toEqual(up.map((_, index) => index));
    expect(down).toEqual(down.map((_, index) => index));
  };

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.disconnect();
    for (const close of closing.splice(0).reverse()) await close();
    expect(errors.splice(0)).toEqual([]);
  });

  describe(`the way to ${host.name}`, () => {
    test.each(BLOCKS)(
      "[C84] WebSockets that are blocked (%s): connected within a second, and up when the block is gone, with nothing lost",
      async (block) => {
        await serve();
        proxy.upgrades(block);
        const startedAt = performance.now();
        const socket = await connected({ upgradeInterval: 200 });
        expect(performance.now() - startedAt).toBeLessThan(1000);
        expect(nameOf(socket)).toBe("sse");
        const suspensions: unknown[] = [];
        socket.resumption.on("suspend", (reason) => suspensions.push(reason));
        const flow = traffic(socket);
        await flow.more(300);
        proxy.upgrades("pass");
        await expect.poll(() => nameOf(socket)).toBe("websocket");
        await flow.more(300);
        flow.stop();
        expectWhole(flow);
        expect(suspensions).toEqual([]);
        expect(io.engine.clientsCount).toBe(1);
      },
    );

    test("[C84] streams that are held back too: connected within four seconds, over polling", async () => {
      for (const bytes of [4096, Infinity]) {
        await serve();
        proxy.upgrades("swallow");
        proxy.buffer({ bytes, only: isStream });
        const startedAt = performance.now();
        const socket = await connected();
        expect(performance.now() - startedAt).toBeLessThan(4000);
        expect(nameOf(socket)).toBe("polling");
        const flow = traffic(socket);
        await flow.more(100);
        flow.stop();
        expectWhole(flow);
        await expect.poll(() => io.engine.clientsCount).toBe(1);
      }
    });

    test("[C84] a proxy that keeps back what does not forbid it lets the stream through", async () => {
      await serve();
      const { url, close } = await bufferingProxy(port);
      closing.push(close);
      const socket = await connected({ transports: ["sse", "polling"] }, url);
      expect(nameOf(socket)).toBe("sse");
      const flow = traffic(socket);
      await flow.more(100);
      flow.stop();
      expectWhole(flow);
    });

    test("[C78] a WebSocket that is cut before anything was said: connected within a second all the same", async () => {
      await serve();
      io.use((socket, next) => {
        if (socket.conn.transport.name === "websocket") proxy.cut();
        else next();
      });
      const startedAt = performance.now();
      const socket = await connected({ upgrade: false });
      expect(performance.now() - startedAt).toBeLessThan(1000);
      expect(nameOf(socket)).toBe("sse");
    });

    test("[C77] who lost the race leaves no session behind", async () => {
      const held: (() => void)[] = [];
      await serve({ allowRequest: (_request, answer) => void held.push(() => answer(null, true)) });
      const socket = dial({ transports: ["websocket", "polling"], headStart: 20 });
      await expect.poll(() => held.length).toBe(2);
      held[0]?.();
      await new Promise<void>((resolve) => socket.on("connect", resolve));
      expect(nameOf(socket)).toBe("websocket");
      const late = new Promise((resolve) => io.engine.once("connection", resolve));
      held[1]?.();
      await late;
      await expect.poll(() => io.engine.clientsCount).toBe(1);
      expect(await socket.emitWithAck("echo", 1)).toBe(1);
    });

    test("[V32] responses that end every 50 ms: nothing lost, one GET for each", async () => {
      await serve({ sse: { maxAge: 50 } });
      const from: string[] = [];
      io.engine.use((request, _response, next) => {
        from.push(...(/&from=\d+/.exec(request.url ?? "") ?? []));
        next();
      });
      const socket = await connected({ transports: ["sse"] });
      const ends: unknown[] = [];
      socket.resumption.on("suspend", (reason) => ends.push(reason));
      const flow = traffic(socket);
      while (from.length < 20) await flow.more(10);
      flow.stop();
      expectWhole(flow);
      expect(ends).toEqual([]);
      expect(new Set(from).size).toBe(from.length);
    });

    test("[V33] POSTs whose answers are lost are executed once", async () => {
      await serve();
      const heard: number[] = [];
      io.on("connection", (socket) => socket.on("count", (number, answer) => answer(heard.push(number))));
      const socket = await connected({ transports: ["sse"] });
      const ends: unknown[] = [];
      socket.resumption.on("suspend", (reason) => ends.push(reason));
      let lost = 0;
      for (let number = 1; number <= 20; number++) {
        const posting = proxy.links.find(({ request }) => request?.method === "POST");
        posting?.cutAfter(1, "down");
        if (posting) lost++;
        expect(await socket.emitWithAck("count", number)).toBe(number);
      }
      expect(lost).toBeGreaterThanOrEqual(10);
      expect(heard).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
      expect(ends).toEqual([]);
    });

    test("[V32] streams that are cut in the middle, 100 times: what resumes misses nothing", async () => {
      await serve();
      const socket = await connected({ transports: ["sse"] });
      const flow = traffic(socket);
      for (let cuts = 0; cuts < 100; cuts++) {
        await flow.more(1);
        await proxy.cutAfter(50 + ((cuts * 397) % 1500));
      }
      await flow.more(10);
      flow.stop();
      expectWhole(flow);
    }, 60_000); // a stream takes at least 100 ms to open
  });
}

/** As nginx stands when nobody set it up: answers are kept back until they are whole, unless they say `X-Accel-Buffering: no`. */
async function bufferingProxy(target: number): Promise<{ url: string; close: () => void }> {
  const server: HttpServer = createServer((request, response) => {
    const { method, url, headers } = request;
    const passed = askServer({ host: "127.0.0.1", port: target, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      if (answer.headers["x-accel-buffering"] === "no") {
        response.flushHeaders();
        answer.pipe(response);
        return;
      }
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.on("end", () => response.end(Buffer.concat(parts)));
    });
    passed.on("error", () => response.destroy());
    response.on("close", () => passed.destroy());
    request.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
