import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { WebSocket } from "ws";

/** JSON that parses, and that nothing can write again. */
export const DEEP: string = "[".repeat(100_000) + "]".repeat(100_000);

const PATH = "/socket.io/?EIO=4&transport=";

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks until it is so, for at most two seconds; what it was last is the answer. */
export async function settled<Value>(look: () => Value, isDone: (value: Value) => boolean): Promise<Value> {
  for (let tries = 0; tries < 100 && !isDone(look()); tries += 1) await sleep(20);
  return look();
}

/** The head of an upgrade request, as bytes on the wire. */
export function upgradeHead(query = ""): string {
  return (
    `GET ${PATH}websocket${query} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
  );
}

/** A masked text frame of less than 126 bytes; the mask is zeros. */
export function textFrame(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x81, 0x80 | bytes.length, 0, 0, 0, 0]), bytes]);
}

/** A TCP connection that has sent `head` and answers nothing. */
export async function openTcp(port: number, head = ""): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  if (head !== "") socket.write(head);
  return socket;
}

export interface Attacker {
  readonly ws: WebSocket;
  /** What came, text and bytes; without the engine's open packet. */
  readonly got: (string | Buffer)[];
  readonly closed: Promise<number>;
}

/** A WebSocket that is open, or was closed at once. */
export async function openWebSocket(port: number, query = ""): Promise<Attacker> {
  const ws = new WebSocket(`ws://127.0.0.1:${port}${PATH}websocket${query}`);
  const got: (string | Buffer)[] = [];
  ws.on("message", (data, isBinary) => {
    const frame = isBinary ? (data as Buffer) : String(data as Buffer);
    if (typeof frame !== "string" || !frame.startsWith("0{")) got.push(frame);
  });
  ws.on("error", () => {});
  const closed = new Promise<number>((resolve) => ws.on("close", resolve));
  await Promise.race([once(ws, "open"), closed]);
  return { ws, got, closed };
}

export async function openPolling(port: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}${PATH}polling`);
  const body = await answer.text();
  return (JSON.parse(body.slice(1)) as { sid: string }).sid;
}

export function poll(port: number, sid: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${PATH}polling&sid=${sid}`);
}

export function post(port: number, sid: string, body: string | ReadableStream): Promise<Response> {
  const init = { method: "POST", body, duplex: "half" } as RequestInit;
  return fetch(`http://127.0.0.1:${port}${PATH}polling&sid=${sid}`, init);
}

/** The head of a POST that promises more than it sends. */
export function halfPost(sid: string): string {
  return `POST ${PATH}polling&sid=${sid} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n4`;
}

/** A body without a declared length. */
export function chunked(chunks: number, size: number): ReadableStream {
  let sent = 0;
  return new ReadableStream({
    async pull(controller) {
      await sleep(2);
      if (sent++ < chunks) controller.enqueue(Buffer.alloc(size, "4"));
      else controller.close();
    },
  });
}
