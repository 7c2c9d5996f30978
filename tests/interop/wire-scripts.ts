import { connect } from "node:net";
import { type Answer, ask, type Frame, openRawSocket, type RawSocket } from "./raw-peer.ts";
import type { ServerOptions } from "./surface.ts";
import { within } from "./wait.ts";
import type { WireServer } from "./wire-server.ts";

/** One conversation; what it returns must be the same, whoever answers. */
export interface Script {
  readonly name: string;
  readonly server?: ServerOptions;
  run(server: WireServer): Promise<unknown[]>;
}

const POLLING = "/socket.io/?EIO=4&transport=polling";
const WEBSOCKET = "/socket.io/?EIO=4&transport=websocket";
const KEPT = /^(content-type|cache-control|vary|set-cookie|allow|access-control-.*)$/;

/** What there is of an answer to compare: not the date, nor what the HTTP server says of itself. */
export function seen({ status, headers, body }: Answer): unknown {
  const kept = Object.entries(headers).filter(([name]) => KEPT.test(name));
  return {
    status,
    headers: Object.fromEntries(kept.toSorted(([a], [b]) => (a < b ? -1 : 1))),
    body: masked(body),
  };
}

export function masked(text: string): string {
  return text.replaceAll(/"sid":"[\w-]{20}"/g, '"sid":"(20 characters)"');
}

export function shown(frame: Frame): string {
  return typeof frame === "string" ? masked(frame) : `<${frame.toString("hex")}>`;
}

/** A session over polling, made by hand. */
export class PollingSession {
  readonly sid: string;
  readonly #port: number;
  readonly opened: Answer;

  private constructor(port: number, opened: Answer) {
    this.#port = port;
    this.opened = opened;
    this.sid = (JSON.parse(opened.body.slice(1)) as { sid: string }).sid;
  }

  static async open(port: number): Promise<PollingSession> {
    return new PollingSession(port, await ask(port, POLLING));
  }

  get(): Promise<Answer> {
    return ask(this.#port, `${POLLING}&sid=${this.sid}`);
  }

  post(body: string, headers: Record<string, string> = {}): Promise<Answer> {
    const type = { "content-type": "text/plain;charset=UTF-8", ...headers };
    return ask(this.#port, `${POLLING}&sid=${this.sid}`, { method: "POST", body, headers: type });
  }

  method(method: string): Promise<Answer> {
    return ask(this.#port, `${POLLING}&sid=${this.sid}`, { method });
  }

  upgrade(): Promise<RawSocket> {
    return openRawSocket(`ws://127.0.0.1:${this.#port}${WEBSOCKET}&sid=${this.sid}`);
  }

  /** Sends, then polls until that many packets have come; how they are spread over bodies is a matter of time. */
  async say(packets: string, answers: number): Promise<string[]> {
    await this.post(packets);
    const got: string[] = [];
    while (got.length < answers) got.push(...(await this.get()).body.split("\x1e"));
    return got.map(masked);
  }

  /** A POST whose body does not end. */
  async postHalf(): Promise<() => void> {
    const socket = connect(this.#port, "127.0.0.1");
    socket.on("error", () => undefined);
    const head = `POST ${POLLING}&sid=${this.sid} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n4`;
    await within(new Promise<void>((resolve) => socket.write(head, () => resolve())), () => "no write");
    // An answer on another connection: the server has read the half.
    await ask(this.#port, `${POLLING}&sid=nobody`);
    return () => socket.destroy();
  }
}

export async function openWebSocket({ port }: WireServer, query = ""): Promise<RawSocket> {
  return openRawSocket(`ws://127.0.0.1:${port}${WEBSOCKET}${query}`);
}

export async function frames(socket: RawSocket, count: number): Promise<string[]> {
  const got: string[] = [];
  while (got.length < count) got.push(shown(await socket.next()));
  return got;
}

export function upgradeHeaders(more: Record<string, string> = {}): Record<string, string> {
  return {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...more,
  };
}

/** What every transport is told, with how many packets come back. */
export const CONVERSATION: readonly (readonly [name: string, packets: readonly string[], answers: number])[] =
  [
    ["CONNECT", ["40"], 1],
    ["CONNECT with auth to another namespace", ['40/open,{"token":"x"}'], 1],
    ["CONNECT to an unknown namespace", ["40/unknown,"], 1],
    ["CONNECT refused with data", ["40/refused,"], 1],
    ["CONNECT refused without data", ["40/plain,"], 1],
    ["an event", ['42["echo",1,"two",null,{"three":[]},"é👍\\u2028"]'], 1],
    ["an event with an ack", ['4212["ask",{"a":1}]'], 1],
    ["an event of a namespace that has no handler for it", ['42/open,["echo"]', '42["echo"]'], 1],
    ["a question of the server's", ['42["question"]'], 1],
    ["its answer, twice", ['430["yes"]', '430["again"]', '42["echo","after"]'], 1],
    ["a broadcast to a room and one to all, with binary", ['42["both"]'], 3],
    ["a pong", ["3", '42["echo","after pong"]'], 1],
    ["leaving a namespace", ["41/open,", '42["echo","still here"]'], 1],
    ["being sent away", ['42["leave"]'], 1],
  ];
