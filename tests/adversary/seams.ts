import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { halfPost, openPolling, openTcp, openWebSocket, settled, upgradeHead } from "./attacker.ts";
import type { Expose } from "./victim.ts";

/** Attacks where the application's own code, or an adapter, stands between the peer and us. */
export function seams(expose: Expose): void {
  middleware(expose);
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
