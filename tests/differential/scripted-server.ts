import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { within } from "../interop/wait.ts";

/** One client of it, which has had its open packet. */
export interface ScriptedPeer {
  /** Of the request that opened it. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** What the client sends next. */
  next(): Promise<string>;
  send(frame: string | Buffer): void;
  close(): void;
  terminate(): void;
}

/** A server made by hand, over WebSocket: it opens the session and leaves the rest to the scenario. */
export interface ScriptedServer {
  readonly port: number;
  readonly url: string;
  /** The next client. */
  peer(): Promise<ScriptedPeer>;
  close(): Promise<void>;
}

export interface OpenPacket {
  readonly pingInterval: number;
  readonly pingTimeout: number;
}

/** A queue whose reader may come before or after what it reads. */
class Mailbox<Item> {
  readonly #items: Item[] = [];
  readonly #readers: ((item: Item) => void)[] = [];

  put(item: Item): void {
    const reader = this.#readers.shift();
    if (reader) reader(item);
    else this.#items.push(item);
  }

  take(what: string): Promise<Item> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve(item);
    return within(new Promise((resolve) => this.#readers.push(resolve)), () => `no ${what} came`);
  }
}

const OPEN: OpenPacket = { pingInterval: 25_000, pingTimeout: 20_000 };

export async function openScriptedServer(open: OpenPacket = OPEN): Promise<ScriptedServer> {
  const peers = new Mailbox<ScriptedPeer>();
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  server.on("connection", (socket, { url = "", headers }) => {
    const frames = new Mailbox<string>();
    socket.on("message", (data: Buffer, isBinary) =>
      frames.put(isBinary ? `<${data.toString("hex")}>` : data.toString()),
    );
    socket.send(
      `0${JSON.stringify({ sid: "made-by-hand-1234567", upgrades: [], ...open, maxPayload: 1e6 })}`,
    );
    peers.put(scripted(socket, frames, { url, headers }));
  });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    peer: () => peers.take("client"),
    async close() {
      for (const socket of server.clients) socket.terminate();
      server.close();
      await once(server, "close");
    },
  };
}

function scripted(
  socket: WebSocket,
  frames: Mailbox<string>,
  request: Pick<ScriptedPeer, "url" | "headers">,
): ScriptedPeer {
  return {
    ...request,
    next: () => frames.take("frame"),
    send: (frame) => socket.send(frame),
    close: () => socket.close(),
    terminate: () => socket.terminate(),
  };
}
