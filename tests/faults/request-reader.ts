/** The head of a request, as far as it decides what a proxy does with it. */
export interface RequestHead {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

/** What goes on in one piece: a head, or bytes that belong to none. */
export interface Part {
  readonly bytes: Buffer;
  readonly head?: RequestHead;
}

/** Bytes of a body that still come; `opaque` when it is no HTTP, or no longer. */
type State = "head" | "opaque" | { readonly body: number };

const NOTHING: Buffer = Buffer.alloc(0);
const HEAD_END = "\r\n\r\n";
const MAX_HEAD_BYTES = 32_768;

/** Finds where requests begin in what a client sends over one connection, kept alive or not. */
export class RequestReader {
  #state: State = "head";
  #head: Buffer = NOTHING;
  /** How much of the head, which is not whole yet, was given out. */
  #given = 0;

  /** With `holdHeads` a head goes on when it is whole, so that it can be decided on. */
  push(bytes: Buffer, holdHeads: boolean): Part[] {
    const parts: Part[] = [];
    let rest = bytes;
    while (rest.length > 0) {
      const state = this.#state;
      if (state === "opaque") {
        parts.push({ bytes: rest });
        break;
      }
      rest = state === "head" ? this.#takeHead(rest, parts) : this.#takeBody(rest, state.body, parts);
    }
    if (!holdHeads) this.#giveOut(parts);
    return parts;
  }

  #takeHead(bytes: Buffer, parts: Part[]): Buffer {
    this.#head = Buffer.concat([this.#head, bytes]);
    const end = this.#head.indexOf(HEAD_END);
    if (end < 0) {
      if (this.#head.length > MAX_HEAD_BYTES) this.#giveUp(parts);
      return NOTHING;
    }
    const whole = this.#head.subarray(0, end + HEAD_END.length);
    const rest = this.#head.subarray(whole.length);
    const head = parseHead(whole.toString("latin1"));
    const left = whole.subarray(this.#given);
    this.#head = NOTHING;
    this.#given = 0;
    this.#state = head ? stateBehind(head) : "opaque";
    parts.push(head ? { bytes: left, head } : { bytes: left });
    return rest;
  }

  #takeBody(bytes: Buffer, left: number, parts: Part[]): Buffer {
    const body = bytes.subarray(0, left);
    parts.push({ bytes: body });
    this.#state = left > body.length ? { body: left - body.length } : "head";
    return bytes.subarray(body.length);
  }

  #giveOut(parts: Part[]): void {
    if (this.#given === this.#head.length) return;
    parts.push({ bytes: this.#head.subarray(this.#given) });
    this.#given = this.#head.length;
  }

  #giveUp(parts: Part[]): void {
    this.#giveOut(parts);
    this.#head = NOTHING;
    this.#given = 0;
    this.#state = "opaque";
  }
}

function parseHead(text: string): RequestHead | undefined {
  const [first = "", ...lines] = text.trimEnd().split("\r\n");
  const [, method, url] = /^([A-Z]+) (\S+) HTTP\/1\.[01]$/.exec(first) ?? [];
  if (method === undefined || url === undefined) return undefined;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const at = line.indexOf(":");
    headers.set(line.slice(0, at).toLowerCase(), line.slice(at + 1).trim());
  }
  return { method, url, headers };
}

function stateBehind({ headers }: RequestHead): State {
  if (headers.has("upgrade") || headers.has("transfer-encoding")) return "opaque";
  const body = Number(headers.get("content-length") ?? 0);
  return body > 0 ? { body } : "head";
}

/** Whether a request asks for a WebSocket. */
export function isWebSocket({ headers }: RequestHead): boolean {
  return headers.get("upgrade")?.toLowerCase() === "websocket";
}
