import type { FetchAnswer } from "@bowline/client";
import {
  type HostHandler,
  type HostResponse,
  type HostStream,
  type HostStreamListener,
  TestRequest,
  type TestRequestParts,
} from "@bowline/server/testing";
import type { PipeEnd } from "./pipe.ts";
import { type LinkParts, VirtualLink } from "./virtual-link.ts";

type Up = { readonly request: TestRequestParts } | "abort";
type Down = FetchAnswer | { readonly part: string } | { readonly end: number } | "reset";

/** What the client waits for. */
export interface Asking {
  /** Gets the text of an answer that goes on, as it comes. */
  readonly onText: ((text: string) => void) | undefined;
  readonly signal: AbortSignal;
}

/** A request of the client that the server answers, by way of a virtual link. */
export function sendVirtualRequest(
  parts: LinkParts,
  request: TestRequestParts,
  handler: HostHandler,
  asking: Asking,
): { link: VirtualLink; answer: Promise<FetchAnswer> } {
  const server = new ServerEnd(handler);
  const client = new ClientEnd(asking);
  const link = new VirtualLink(parts, {
    server: server as PipeEnd<unknown>,
    client: client as PipeEnd<unknown>,
  });
  server.link = link;
  client.link = link;
  const abort = (): void => {
    link.up.push("abort" satisfies Up);
    client.lost();
  };
  // One signal may be of many requests.
  asking.signal.addEventListener("abort", abort);
  client.finished = () => asking.signal.removeEventListener("abort", abort);
  link.up.push({ request } satisfies Up);
  return { link, answer: client.answer };
}

class ClientEnd implements PipeEnd<Down> {
  readonly answer: Promise<FetchAnswer>;
  declare link: VirtualLink;
  declare finished: () => void;
  readonly #onText: ((text: string) => void) | undefined;
  #text = "";
  #settle: { resolve(answer: FetchAnswer): void; reject(error: Error): void } | undefined;

  constructor({ onText }: Asking) {
    this.#onText = onText;
    this.answer = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
  }

  take(item: Down): void {
    if (!this.#settle) return;
    if (item === "reset") this.lost();
    else if ("part" in item) this.#take(item.part);
    else this.#resolve("end" in item ? { status: item.end, text: this.#text } : item);
  }

  lost(): void {
    this.#settle?.reject(new Error("the link broke"));
    this.#finish();
  }

  #take(text: string): void {
    if (this.#onText) this.#onText(text);
    else this.#text += text;
  }

  #resolve(answer: FetchAnswer): void {
    this.#settle?.resolve(answer);
    this.#finish();
  }

  #finish(): void {
    this.#settle = undefined;
    this.finished();
    this.link.done("client");
  }
}

class ServerEnd implements PipeEnd<Up> {
  declare link: VirtualLink;
  readonly #handler: HostHandler;
  #request: TestRequest | undefined;
  #stream: VirtualStream | undefined;
  #isGone = false;

  constructor(handler: HostHandler) {
    this.#handler = handler;
  }

  take(item: Up): void {
    if (item === "abort") return this.lost();
    void this.#answer(item.request);
  }

  drained(): void {
    this.#stream?.drain();
  }

  lost(): void {
    this.#isGone = true;
    this.link.done("server");
    if (this.#stream) this.#stream.leave();
    else this.#request?.abort();
  }

  async #answer(parts: TestRequestParts): Promise<void> {
    this.#request = new TestRequest(parts);
    const response = await this.#handler.request(this.#request);
    // Another request, as far as the server can know, whose answer nobody waits for.
    if (this.link.isDoubled) void this.#handler.request(new TestRequest(parts));
    if (this.#isGone) return;
    if (response.open) this.#stream = new VirtualStream(this.link, response);
    else {
      const { status, body = "" } = response;
      this.link.down.push({ status, text: textOf(body) } satisfies Down);
      this.link.done("server");
    }
  }
}

/** An answer that goes on. */
class VirtualStream implements HostStream {
  readonly #link: VirtualLink;
  readonly #status: number;
  readonly #listener: HostStreamListener | undefined;
  #isOver = false;
  #unsent = "";

  constructor(link: VirtualLink, response: HostResponse) {
    this.#link = link;
    this.#status = response.status;
    this.#listener = response.open?.(this);
  }

  get bufferedAmount(): number {
    return this.#isOver ? 0 : this.#link.down.bufferedAmount + Buffer.byteLength(this.#unsent);
  }

  /** What one turn writes leaves in one piece. */
  write(text: string): void {
    if (this.#isOver) return;
    if (this.#unsent === "") queueMicrotask(() => this.flush());
    this.#unsent += text;
  }

  end(): void {
    if (this.#isOver) return;
    this.flush();
    this.#link.down.push({ end: this.#status } satisfies Down);
    this.#finish();
  }

  terminate(): void {
    if (this.#isOver) return;
    this.#link.down.push("reset" satisfies Down);
    this.#finish();
  }

  drain(): void {
    if (!this.#isOver) this.#listener?.drain();
  }

  /** The link broke. */
  leave(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener?.closed();
  }

  flush(): void {
    if (this.#unsent === "" || this.#isOver) return;
    const bytes = Buffer.byteLength(this.#unsent);
    this.#link.down.push({ part: this.#unsent } satisfies Down, { bytes });
    this.#unsent = "";
  }

  #finish(): void {
    this.#isOver = true;
    this.#link.done("server");
    queueMicrotask(() => this.#listener?.closed());
  }
}

function textOf(body: string | Uint8Array): string {
  return typeof body === "string" ? body : Buffer.from(body).toString();
}
