import { connect, type Socket } from "node:net";
import { Allowance, type Buffering, Flow } from "./flow.ts";
import { isWebSocket, type Part, type RequestHead, RequestReader } from "./request-reader.ts";

/** `up` is from the client to the server. */
export type Direction = "up" | "down";
/** A link ends with RST, or with FIN to both ends. */
export type Cut = "reset" | "fin";

/** What becomes of requests for WebSockets: an HTTP status refuses, `swallow` says nothing, `cut` resets right behind the 101. */
export type UpgradePolicy = "pass" | "swallow" | "cut" | number;

/** What the answers to some requests suffer. */
export interface BufferPolicy extends Buffering {
  only(request: RequestHead): boolean;
}

/** What a link does with the requests that it sees. */
export interface Policies {
  readonly upgrades: UpgradePolicy;
  readonly buffering: BufferPolicy | undefined;
}

/** One connection of a client, and the one that the proxy made to the server for it. */
export class Link {
  /** In the order of opening, from 1 on. */
  readonly number: number;
  readonly up: Flow;
  readonly down: Flow;
  /** Both ends are gone, or the proxy has let go of it. */
  readonly closed: Promise<void>;
  /** The first request that the client made; `undefined` before, and if it speaks no HTTP. */
  request: RequestHead | undefined;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #policies: () => Policies;
  readonly #reader = new RequestReader();

  constructor(client: Socket, target: number, number: number, policies: () => Policies) {
    this.number = number;
    this.#client = client;
    this.#server = connect({ port: target, host: "127.0.0.1", allowHalfOpen: true });
    this.#policies = policies;
    this.up = new Flow(client, this.#server);
    this.down = new Flow(this.#server, client);
    client.on("data", (bytes: Buffer) => {
      const holdHeads = policies().upgrades !== "pass";
      for (const part of this.#reader.push(bytes, holdHeads)) this.#forward(part);
    });
    this.#server.on("data", (bytes: Buffer) => this.down.push(bytes));
    this.#join(client, this.up, this.#server);
    this.#join(this.#server, this.down, client);
    this.closed = Promise.all([gone(client), gone(this.#server)]).then(() => {});
  }

  /** Both ends learn that the link is gone; what passed before arrives before. */
  cut(how: Cut = "reset"): void {
    for (const flow of [this.up, this.down]) flow.stop();
    for (const socket of [this.#client, this.#server]) {
      if (how === "fin") socket.end();
      else reset(socket);
    }
  }

  /** The same, when so many bytes more went in that direction; then `done` is called. */
  cutAfter(bytes: number, direction: Direction = "down", how: Cut = "reset", done?: () => void): void {
    const spent = (): void => {
      this.cut(how);
      done?.();
    };
    this[direction].allow(new Allowance(bytes, spent));
  }

  /** Neither end hears anything any more, and neither notices; or only one of them. */
  freeze(direction?: Direction): void {
    for (const flow of this.#flows(direction)) flow.freeze();
  }

  get isFrozen(): boolean {
    return this.up.isFrozen && this.down.isFrozen;
  }

  /** What was held arrives, and the link goes on: a network that was away for a while. */
  heal(direction?: Direction): void {
    for (const flow of this.#flows(direction)) flow.heal();
  }

  /** What the client had sent into a frozen link reaches the server after all, and its end too, if there was one. */
  deliverLate(): void {
    this.up.heal();
  }

  delay(ms: number, direction?: Direction): void {
    for (const flow of this.#flows(direction)) flow.delay(ms);
  }

  /** Nobody is told anything; for the end of a test. */
  destroy(): void {
    for (const flow of [this.up, this.down]) flow.stop();
    this.#client.destroy();
    this.#server.destroy();
  }

  #flows(direction: Direction | undefined): readonly Flow[] {
    return direction ? [this[direction]] : [this.up, this.down];
  }

  /** The end of one end is an end for the other; how it ended too. */
  #join(from: Socket, flow: Flow, to: Socket): void {
    from.on("error", () => {});
    from.on("end", () => flow.end());
    from.on("close", (hadError) => {
      if (flow.isFrozen) flow.end();
      else if (hadError) reset(to);
      else if (!from.readableEnded) to.destroy();
    });
  }

  #forward({ bytes, head }: Part): void {
    if (head) {
      this.request ??= head;
      const { upgrades, buffering } = this.#policies();
      this.down.buffer(buffering?.only(head) ? buffering : undefined);
      if (upgrades !== "pass" && isWebSocket(head) && this.#refuse(upgrades)) return;
    }
    this.up.push(bytes);
  }

  /** Whether the request goes no further. */
  #refuse(policy: Exclude<UpgradePolicy, "pass">): boolean {
    if (policy === "cut") {
      this.#cutBehindHead();
      return false;
    }
    this.freeze("up");
    if (policy === "swallow") return true;
    this.#client.end(`HTTP/1.1 ${policy} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    this.#server.end();
    return true;
  }

  #cutBehindHead(): void {
    let head = "";
    this.#server.prependListener("data", (bytes: Buffer) => {
      const seen = head.length;
      head += bytes.toString("latin1");
      const end = head.indexOf("\r\n\r\n");
      if (end >= 0 && seen < end + 4) this.cutAfter(end + 4 - seen);
    });
  }
}

/** Not `once`, which rejects when a link breaks. */
function gone(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

function reset(socket: Socket): void {
  // Behind a FIN of ours the system takes no reset.
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
