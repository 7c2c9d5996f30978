import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { openTcp, openWebSocket, upgradeHead } from "./attacker.ts";
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
}
