import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";

/** A server that is made by hand: it lets anybody in and then says what the test tells it to. No upgrades. */
export interface RawServer {
  readonly port: number;
  /** One engine packet to the one client. */
  send(packet: string): void;
  close(): Promise<void>;
}

/** The answers that wait for something to say, and what waits for somebody to ask. */
class Polls {
  readonly #packets: string[] = [];
  #waiting: ServerResponse | undefined;
  #stream: ServerResponse | undefined;

  /** All that is said goes this way, as server-sent events. */
  stream(response: ServerResponse): void {
    response.writeHead(200, { "content-type": "text/event-stream" });
    this.#stream = response;
    for (const packet of [...this.#packets.splice(0), "6"]) this.say(packet);
  }

  poll(response: ServerResponse): void {
    this.#waiting = response;
    this.#flush();
  }

  say(packet: string): void {
    if (this.#stream) return void this.#stream.write(`data:${packet}\n\n`);
    this.#packets.push(packet);
    this.#flush();
  }

  #flush(): void {
    if (!this.#waiting || this.#packets.length === 0) return;
    this.#waiting.setHeader("content-type", "text/plain; charset=UTF-8");
    this.#waiting.end(this.#packets.splice(0).join("\x1e"));
    this.#waiting = undefined;
  }
}

const CONNECTED = '40{"sid":"made-by-hand-1234567"}';

function openPacket(): string {
  const sid = randomBytes(15).toString("base64url");
  return `0${JSON.stringify({ sid, upgrades: [], pingInterval: 25_000, pingTimeout: 20_000, maxPayload: 1_000_000 })}`;
}

async function answer(request: IncomingMessage, response: ServerResponse, polls: Polls): Promise<void> {
  const isHandshake = !request.url?.includes("sid=");
  if (isHandshake) polls.say(openPacket());
  if (request.method === "GET") {
    if (request.url?.includes("transport=sse")) polls.stream(response);
    else polls.poll(response);
    return;
  }
  let body = "";
  for await (const chunk of request) body += String(chunk);
  response.end("ok");
  if (body.startsWith("40")) polls.say(CONNECTED);
}

export async function openRawServer(): Promise<RawServer> {
  const polls = new Polls();
  const http = createServer((request, response) => void answer(request, response, polls));
  const sockets = new WebSocketServer({ server: http });
  let say = (packet: string): void => polls.say(packet);
  sockets.on("connection", (socket) => {
    say = (packet) => socket.send(packet);
    say(openPacket());
    socket.on("message", (data: Buffer) => {
      if (String(data).startsWith("40")) say(CONNECTED);
    });
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return {
    port: (http.address() as AddressInfo).port,
    send: (packet) => say(packet),
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      http.close();
      http.closeAllConnections();
      await once(http, "close");
    },
  };
}
