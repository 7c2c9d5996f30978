import type { Env, FetchAnswer, WebSocketLink } from "@bowline/client";
import { type VirtualClock, virtualClock } from "@bowline/protocol/testing";
import type { Host, Runtime } from "@bowline/server";
import {
  type HostHandler,
  queuedFrame,
  type TestRequestParts,
  TurnFrames,
  TurnQueue,
  type UwsPeerContext,
} from "@bowline/server/testing";
import { seeded } from "../order/random.ts";
import type { LinkParts, Told, VirtualLink } from "./virtual-link.ts";
import { sendVirtualRequest } from "./virtual-request.ts";
import { openVirtualWebSocket } from "./virtual-websocket.ts";

const EPOCH_MS = 1_700_000_000_000;
/** So many leave, and as many of those behind, in one turn of the server's. */
const FEW = 1;
const LONGEST_TURN_MS = 20;

/** Where clients run: an environment, and what a test does to it. */
export interface Place {
  readonly env: Env;
  /** What nobody took. */
  readonly errors: unknown[];
  /** The page, if it were one, hears of this. */
  page(event: Parameters<Parameters<Env["onPage"]>[1]>[0]): void;
}

/**
 * A network without a machine's: our client's environments on one side, a host for our server on the other, one virtual clock
 * and one seed for all. The methods that break things are those of `FaultProxy`.
 */
export class VirtualNetwork {
  readonly clock: VirtualClock = virtualClock();
  /** 0 <= n < 1, of the seed. */
  readonly random: () => number;
  /** For `io.attach`. */
  readonly host: Host;
  /** For `new Server({ runtime })`. */
  readonly runtime: Pick<Runtime, "clock" | "createId" | "wallClock">;
  /** How long each message takes, in its direction; asked anew for each. */
  delayMs: () => number = () => 1;
  /** Called with each new link, before anything went through it. */
  onLink: ((link: VirtualLink) => void) | undefined;
  /** Every other WebSocket is one of uWebSockets.js. What it throws fails its test. */
  readonly #uws: UwsPeerContext;
  #handler: HostHandler | undefined;
  #path = "";
  #links: VirtualLink[] = [];
  #count = 0;
  #ids = 0;
  /** What becomes of links to come. */
  #door: "open" | "frozen" | "refusing" = "open";

  constructor(seed = 1) {
    this.random = seeded(seed);
    this.runtime = {
      clock: this.clock,
      createId: () => this.#createId(),
      wallClock: () => EPOCH_MS + this.clock.now(),
    };
    this.#uws = this.#uwsContext();
    this.host = {
      name: "virtual",
      start: (handler, { path }) => {
        this.#handler = handler;
        this.#path = path;
        return { stop: () => Promise.resolve() };
      },
    };
  }

  /** Those that are not over, in the order of opening; frozen ones among them. */
  get links(): readonly VirtualLink[] {
    this.#links = this.#links.filter(({ isOver }) => !isOver);
    return this.#links;
  }

  /** Every link ends, but for those that froze. */
  cut(told?: Told): void {
    for (const link of this.links) if (!link.isFrozen) link.cut(told);
  }

  freeze(): void {
    this.#door = "frozen";
    for (const link of this.links) link.freeze();
  }

  /** New links go through again; what froze stays as it is. */
  thaw(): void {
    this.#door = "open";
  }

  /** New links break at once, until `thaw`. */
  refuse(): void {
    this.#door = "refusing";
  }

  heal(): void {
    this.thaw();
    for (const link of this.links) link.heal();
  }

  /** A place of its own for each client, or one for several. */
  place(): Place {
    const errors: unknown[] = [];
    const listeners = new Map<(event: never) => void, readonly string[]>();
    const env = {
      setTimer: (run: () => void, delayMs: number) => this.clock.setTimer(run, delayMs),
      clearTimer: (timer: Parameters<VirtualClock["clearTimer"]>[0]) => this.clock.clearTimer(timer),
      random: this.random,
      wallClock: this.runtime.wallClock,
      secret: () => this.#createId(),
      memory: {},
      openWebSocket: ((...args) => this.#openWebSocket(place, ...args)) satisfies Env["openWebSocket"],
      fetch: ((...args) => this.#fetch(place, ...args)) satisfies Env["fetch"],
      onPage: (events: readonly string[], listener: (event: never) => void) => {
        listeners.set(listener, events);
        return () => void listeners.delete(listener);
      },
      base64: {
        encode: (bytes: Uint8Array) => Buffer.from(bytes).toString("base64"),
        decode: (text: string) => new Uint8Array(Buffer.from(text, "base64")),
      },
      pageUrl: undefined,
      reportError: (error: unknown) => void errors.push(error),
    };
    const place: Place = {
      env,
      errors,
      page: (event) =>
        listeners.forEach((events, listener) => events.includes(event) && listener(event as never)),
    };
    return place;
  }

  #openWebSocket(place: Place, ...[address, , listener]: Parameters<Env["openWebSocket"]>): WebSocketLink {
    const url = new URL(address);
    const { handler, request } = this.#ask("GET", url, null);
    const parts = this.#parts(place, "GET", url);
    const uws = parts.number % 2 === 0 ? this.#uws : undefined;
    const { link, socket } = openVirtualWebSocket(parts, request, { handler, listener, uws });
    this.#opened(link);
    return socket;
  }

  #fetch(place: Place, ...[address, init]: Parameters<Env["fetch"]>): Promise<FetchAnswer> {
    const url = new URL(address);
    const { method, body, signal, onText } = init;
    const { handler, request } = this.#ask(method, url, body);
    const parts = this.#parts(place, method, url);
    const { link, answer } = sendVirtualRequest(parts, request, handler, { onText, signal });
    this.#opened(link);
    return answer;
  }

  /** Turns end when chance says so, and write to few: whatever waits in our host waits here as well. */
  #uwsContext(): UwsPeerContext {
    const turns = new TurnQueue(
      FEW,
      (end, queue) => void this.clock.setTimer(() => end(queue), this.random() * LONGEST_TURN_MS),
    );
    return {
      turns,
      frames: new TurnFrames(turns, queuedFrame),
      compressFrom: Infinity,
      failed: (error) => {
        throw error;
      },
    };
  }

  #ask(
    method: string,
    { host, pathname, search }: URL,
    body: string | null,
  ): { handler: HostHandler; request: TestRequestParts } {
    if (!this.#handler) throw new Error("no server is attached to the host of this network");
    if (pathname !== `${this.#path}/`) throw new Error(`nobody answers ${pathname}`);
    const query = search.slice(1);
    const headers = { host };
    return {
      handler: this.#handler,
      request: { method, path: pathname, query, headers, ...(method === "GET" ? {} : { body: body ?? "" }) },
    };
  }

  #parts(place: Place, method: string, url: URL): LinkParts {
    const { clock } = this;
    return { place, clock, delayMs: () => this.delayMs(), number: ++this.#count, method, url };
  }

  #opened(link: VirtualLink): void {
    this.#links.push(link);
    if (this.#door === "frozen") link.freeze();
    if (this.#door === "refusing") link.cut("client");
    this.onLink?.(link);
  }

  /** As long as a client's key must be. */
  #createId(): string {
    return `id-${++this.#ids}`.padEnd(22, "-");
  }
}
