import type { VirtualClock } from "@bowline/protocol/testing";
import type { Direction } from "./link.ts";
import { Pipe, type PipeEnd } from "./pipe.ts";

/** What carries a WebSocket, or one request with its answer. */
export interface LinkParts {
  readonly clock: VirtualClock;
  readonly delayMs: () => number;
  /** In the order of opening, from 1 on. */
  readonly number: number;
  readonly method: string;
  readonly url: URL;
  /** Whose it is. */
  readonly place: object;
}

/** Who is told that a link broke. */
export type Told = "both" | "client" | "server" | "nobody";

/** A virtual connection: two pipes, and faults of which both ends, one of them or neither is told. */
export class VirtualLink {
  readonly number: number;
  /** `GET` of a WebSocket too. */
  readonly method: string;
  readonly url: URL;
  /** The `Place` whose it is. */
  readonly place: object;
  /** A request comes to the server twice, and only the first is answered. */
  isDoubled = false;
  readonly up: Pipe<unknown>;
  readonly down: Pipe<unknown>;
  readonly #done = new Set<"client" | "server">();

  constructor(
    { clock, delayMs, number, method, url, place }: LinkParts,
    ends: { readonly server: PipeEnd<unknown>; readonly client: PipeEnd<unknown> },
  ) {
    this.number = number;
    this.method = method;
    this.url = url;
    this.place = place;
    this.up = new Pipe(clock, delayMs, { from: ends.client, to: ends.server });
    this.down = new Pipe(clock, delayMs, { from: ends.server, to: ends.client });
  }

  get transport(): string {
    return this.url.searchParams.get("transport") ?? "";
  }

  /** What is under way is lost; who is told learns of it after the delay. */
  cut(told: Told = "both"): void {
    this.up.break(told === "both" || told === "server");
    this.down.break(told === "both" || told === "client");
    this.done("client");
    this.done("server");
  }

  /** Whatever the server says from now on is lost, and the client is told; the server has what was asked, and is not. */
  loseAnswer(): void {
    this.down.break(true);
  }

  /** The client reads nothing more, until `read`: what the server says waits there. */
  stall(): void {
    this.down.stall();
  }

  read(): void {
    this.down.flow();
  }

  /** Nothing passes any more, and nobody notices; or one way only. */
  freeze(direction?: Direction): void {
    if (direction !== "down") this.up.freeze();
    if (direction !== "up") this.down.freeze();
  }

  get isFrozen(): boolean {
    return this.up.isFrozen && this.down.isFrozen;
  }

  heal(direction?: Direction): void {
    if (direction !== "down") this.up.heal();
    if (direction !== "up") this.down.heal();
  }

  /** What the client had sent into a frozen link reaches the server after all, its end too. */
  deliverLate(): void {
    this.up.heal();
  }

  /** It was cut, or both ends are done with it. */
  get isOver(): boolean {
    return this.#done.size === 2;
  }

  done(end: "client" | "server"): void {
    this.#done.add(end);
  }
}
