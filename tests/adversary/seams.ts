import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Adapter, SessionAwareAdapter } from "socket.io-adapter";
import { expect, test } from "vitest";
import { DEEP, halfPost, openPolling, openTcp, openWebSocket, settled, upgradeHead } from "./attacker.ts";
import type { Expose } from "./victim.ts";

const BACK = '{"pid":"p","offset":"o"}';

/** Attacks where the application's own code, or an adapter, stands between the peer and us. */
export function seams(expose: Expose): void {
  middleware(expose);
  adapters(expose);
}

/** The head of the answer to these bytes, or as much of it as came before the link was cut. */
async function exchange(port: number, bytes: string): Promise<string> {
  const socket = await openTcp(port, bytes);
  const head = await answerTo(socket);
  socket.destroy();
  return head;
}

function answerTo(socket: Socket): Promise<string> {
  let got = "";
  return new Promise((resolve) => {
    socket.once("close", () => resolve(got));
    socket.on("data", (chunk: Buffer) => {
      got += chunk.toString("latin1");
      if (got.includes("\r\n\r\n")) resolve(got);
    });
  });
}

function middleware(expose: Expose): void {
  test("[H16] a line break of the peer's begins no header, whoever puts it into one", async () => {
    const { io, port, errors } = await expose();
    io.engine.on("initial_headers", (headers, request) => {
      headers["x-room"] = (request as unknown as { _query: { room: string } })._query.room;
    });
    const query = `&room=${encodeURIComponent("a\r\nSet-Cookie: evil=1")}`;
    const poll = `GET /socket.io/?EIO=4&transport=polling${query} HTTP/1.1\r\nHost: x\r\n\r\n`;
    for (const head of [upgradeHead(query), poll]) {
      const answer = await exchange(port, head);
      expect(answer).toMatch(/^HTTP\/1.1 500/);
      expect(answer).not.toContain("evil");
    }
    expect(errors.at(-1)).toEqual([expect.objectContaining({ code: "ERR_INVALID_CHAR" }), "host"]);
    expect((await openWebSocket(port, "&room=b")).ws.readyState).toBe(1);
  });

  test.each([1, 1_000_000])(
    "[H5] a middleware whose writeHead always fails ends the link, not the process (compression from %i)",
    async (threshold) => {
      const { io, port, errors } = await expose({ httpCompression: { threshold } });
      io.engine.use((_request, response: ServerResponse, next) => {
        response.writeHead = () => {
          throw new Error("patched");
        };
        next();
      });
      const head =
        "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n";
      expect(await exchange(port, head)).not.toContain("200");
      expect(errors[0]).toEqual([new Error("patched"), "host"]);
    },
  );

  test("[E13] an upload that is cut off while a middleware thinks ends its session", async () => {
    const { io, port } = await expose();
    const socket = await openTcp(port, halfPost(await openPolling(port)));
    io.engine.use((_request, response: ServerResponse, next) => {
      response.once("close", next);
      socket.resetAndDestroy();
    });
    expect(
      await settled(
        () => io.connectionsCount,
        (count) => count === 0,
      ),
    ).toBe(0);
  });

  test.each([
    ["all", "end", "40"],
    ["a part", "data", "4"],
  ])("[H15] who lost %s of a body to a middleware is told", async (_what, event, first) => {
    const { io, port } = await expose();
    const sid = await openPolling(port);
    const socket = await openTcp(port);
    let lost = 0;
    io.engine.use((request, _response, next) => {
      request.on("data", (chunk: Buffer) => (lost += chunk.length));
      const goOn = (): void => {
        next();
        socket.write("40".slice(first.length));
      };
      // Of uWebSockets.js a middleware sees no body.
      if (request.complete) goOn();
      else request.once(event, () => setImmediate(goOn));
    });
    const answer = answerTo(socket);
    const head = `POST /socket.io/?EIO=4&transport=polling&sid=${sid} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n`;
    socket.write(head + first);
    const status = (await answer).split(" ", 2)[1];
    expect([status, io.connectionsCount]).toEqual(lost > 0 ? ["400", 0] : ["200", 1]);
    socket.destroy();
  });
}

function adapters(expose: Expose): void {
  test("[R12] what an adapter kept though it cannot be sent makes who comes back a new client", async () => {
    const options = { adapter: SessionAwareAdapter, connectionStateRecovery: {} };
    const { io, port, errors } = await expose(options);
    io.on("connection", (socket) => socket.on("say", (value) => io.emit("said", value)));
    const first = await openWebSocket(port);
    for (const frame of ["40", '42["say",1]', `42["say",${DEEP}]`]) first.ws.send(frame);
    await settled(
      () => errors.length,
      (count) => count === 1,
    );
    const [connect, event] = first.got.map((frame) => JSON.parse(String(frame).slice(2)) as unknown);
    const { pid } = connect as { pid: string };
    const offset = (event as unknown[]).at(-1);
    first.ws.terminate();
    await first.closed;
    const { ws, got } = await openWebSocket(port);
    ws.send(`40${JSON.stringify({ pid, offset })}`);
    await settled(
      () => got.length,
      (count) => count === 1,
    );
    expect(got).toEqual([expect.not.stringContaining(pid)]);
    expect(errors.at(-1)).toEqual([expect.objectContaining({ code: "unserializable" }), "adapter"]);
  });

  test("[R12] an id or an offset that no adapter gives is not looked for", async () => {
    const asked: unknown[] = [];
    class Asked extends SessionAwareAdapter {
      override restoreSession(
        pid: string,
        offset: string,
      ): ReturnType<SessionAwareAdapter["restoreSession"]> {
        asked.push([pid, offset]);
        return super.restoreSession(pid, offset);
      }
    }
    const { port } = await expose({ adapter: Asked, connectionStateRecovery: {} });
    const long = "x".repeat(257);
    for (const [pid, offset] of [
      [long, "o"],
      ["p", long],
      ["p", "o"],
    ]) {
      const { ws, got } = await openWebSocket(port);
      ws.send(`40${JSON.stringify({ pid, offset })}`);
      await settled(
        () => got.length,
        (count) => count === 1,
      );
    }
    expect(asked).toEqual([["p", "o"]]);
  });

  test.each(["throws", "rejects"])(
    "[A8] an adapter that %s when a client comes or leaves holds up neither",
    async (how) => {
      const failing = (what: string): Promise<void> | void => {
        if (how === "rejects") return Promise.reject(new Error(what));
        throw new Error(what);
      };
      class Failing extends SessionAwareAdapter {
        override addAll(): Promise<void> | void {
          return failing("addAll");
        }
        override delAll(): void {
          return failing("delAll") as void;
        }
        override restoreSession(): ReturnType<SessionAwareAdapter["restoreSession"]> {
          return Promise.resolve({ sid: "back", pid: "p", rooms: ["room"], data: {}, missedPackets: [] });
        }
      }
      const connectionStateRecovery = { skipMiddlewares: false };
      const { io, port, errors } = await expose({ adapter: Failing, connectionStateRecovery });
      const heard: unknown[] = [];
      io.on("connection", (socket) => {
        heard.push(socket.recovered);
        socket.on("disconnect", () => heard.push("left"));
      });
      // New; restored; and in the place of that one, whose loss nobody has noticed.
      for (const [auth, leaves] of [
        ["", true],
        [BACK, false],
        [BACK, true],
      ] as const) {
        const { ws, got } = await openWebSocket(port);
        ws.send(`40${auth}`);
        await settled(
          () => got.length,
          (count) => count === 1,
        );
        if (!leaves) continue;
        ws.terminate();
        await settled(
          () => heard.at(-1),
          (last) => last === "left",
        );
      }
      expect([heard, io.sockets.sockets.size]).toEqual([[false, "left", true, "left", false, "left"], 0]);
      const failures = ["addAll", "delAll", "addAll", "addAll", "delAll", "addAll", "addAll", "delAll"];
      expect(errors).toEqual(failures.map((what) => [new Error(what), "adapter"]));
    },
  );

  test("[N2] a namespace that its adapter does not want is refused, also when that comes late", async () => {
    class Picky extends Adapter {
      constructor(namespace: { readonly name: string }) {
        super(namespace);
        if (namespace.name !== "/") throw new Error("unwanted");
      }
    }
    const { io, port, errors } = await expose({ adapter: Picky });
    io.of((_name, _auth, next) => void setTimeout(() => next(null, true), 5));
    const { ws, got } = await openWebSocket(port);
    ws.send("40/odd,");
    await settled(
      () => got.length,
      (count) => count === 1,
    );
    expect(got).toEqual(['44/odd,{"message":"Invalid namespace"}']);
    expect(errors).toEqual([[new Error("unwanted"), "adapter"]]);
  });
}
