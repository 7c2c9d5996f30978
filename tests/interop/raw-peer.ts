import { Agent, type IncomingMessage, request } from "node:http";
import { WebSocket } from "ws";
import { RawSse } from "../contract/raw-sse.ts";
import { within } from "./wait.ts";

/** An answer as it stood on the wire. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One request over a connection of its own. */
export function ask(
  port: number,
  path: string,
  { method = "GET", headers = {}, body }: Ask = {},
): Promise<Answer> {
  const answered = new Promise<Answer>((resolve, reject) => {
    const agent = new Agent({ keepAlive: false });
    const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const sent = request({
      port,
      host: "127.0.0.1",
      path,
      method,
      agent,
      headers: { ...length, ...headers },
    });
    sent.on("error", reject);
    sent.on("response", (response) => void read(response).then(resolve, reject));
    // An upgrade that is refused comes as an ordinary response.
    sent.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: "" });
    });
    sent.end(body);
  });
  return within(answered, () => `${method} ${path} got no answer`);
}

async function read(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}

export type Frame = string | Buffer;

/** A WebSocket that answers nothing by itself. */
export interface RawSocket {
  send(frame: Frame): void;
  /** The next frame, in order. */
  next(): Promise<Frame>;
  /** The close code; 1006 when the link just ended. */
  readonly closed: Promise<number>;
  close(): void;
  terminate(): void;
}

export async function openRawSocket(url: string): Promise<RawSocket> {
  const socket = new WebSocket(url);
  const frames: Frame[] = [];
  const waiting: ((frame: Frame) => void)[] = [];
  socket.on("message", (data, isBinary) => {
    const frame = isBinary ? (data as Buffer) : String(data as Buffer);
    const taker = waiting.shift();
    if (taker) taker(frame);
    else frames.push(frame);
  });
  const closed = new Promise<number>((resolve) => socket.on("close", (code) => resolve(code)));
  const opened = new Promise<void>((resolve, reject) => {
    socket.on("open", resolve);
    socket.on("error", reject);
  });
  await within(opened, () => `${url} did not open`);
  return {
    send: (frame) => socket.send(frame),
    next() {
      const frame = frames.shift();
      if (frame !== undefined) return Promise.resolve(frame);
      return within(new Promise((resolve) => waiting.push(resolve)), () => "no frame came");
    },
    closed: within(closed, () => "the WebSocket was not closed", 10_000),
    close: () => socket.close(),
    terminate: () => socket.terminate(),
  };
}

/** A client of the engine that is made by hand: it has done its handshake and joined the main namespace. */
export interface RawPeer {
  /** One engine packet. */
  send(packet: string): Promise<unknown>;
  /** Ends it without a word. */
  drop(): void;
}

export async function rawPeer(port: number, transport: "polling" | "websocket" | "sse"): Promise<RawPeer> {
  if (transport === "websocket") {
    const socket = await openRawSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`);
    await socket.next();
    socket.send("40");
    await socket.next();
    socket.closed.catch(() => undefined);
    return { send: async (packet) => socket.send(packet), drop: () => socket.terminate() };
  }
  return transport === "sse" ? ssePeer(port) : pollingPeer(port);
}

async function ssePeer(port: number): Promise<RawPeer> {
  const client = await RawSse.open(port);
  await client.post(["40"]);
  await client.when(() => client.messages.length > 0);
  return { send: (packet) => client.post([packet]), drop: () => client.close() };
}

async function pollingPeer(port: number): Promise<RawPeer> {
  const path = "/socket.io/?EIO=4&transport=polling";
  const { sid } = JSON.parse((await ask(port, path)).body.slice(1)) as { sid: string };
  const session = `${path}&sid=${sid}`;
  await ask(port, session, { method: "POST", body: "40" });
  await ask(port, session);
  void keepPolling(port, session);
  return {
    send: (packet) => ask(port, session, { method: "POST", body: packet }),
    drop: () => undefined, // ends with its session
  };
}

/** A poll is always there, so that the server can say its last word; until the session ends. */
async function keepPolling(port: number, path: string): Promise<void> {
  try {
    while ((await ask(port, path)).status === 200);
  } catch {
    // The server is gone.
  }
}
