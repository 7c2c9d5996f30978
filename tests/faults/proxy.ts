import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { Allowance } from "./flow.ts";
import {
  type BufferPolicy,
  type Cut,
  type Direction,
  Link,
  type Policies,
  type UpgradePolicy,
} from "./link.ts";

export type { Cut, Direction, Link, UpgradePolicy } from "./link.ts";

/**
 * A TCP proxy that does to links what networks and other proxies do to them. Its methods concern the links that there are and,
 * where that makes sense, those to come; `onLink` gives each new one a fate of its own.
 */
export class FaultProxy {
  /** Called with each new link, before anything went through it. */
  onLink: ((link: Link) => void) | undefined;
  readonly #listener: Server;
  readonly #target: number;
  readonly #links = new Set<Link>();
  /** Connections that lead nowhere. */
  readonly #lost = new Set<Socket>();
  /** What becomes of connections to come. */
  #door: "open" | "frozen" | "refusing" = "open";
  #policies: Policies = { upgrades: "pass", buffering: undefined };
  readonly #delayMs: Record<Direction, number> = { up: 0, down: 0 };
  #allowance: { readonly direction: Direction; readonly allowance: Allowance } | undefined;
  #count = 0;
  #waiting: (() => void)[] = [];

  private constructor(target: number) {
    this.#target = target;
    this.#listener = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  }

  static async to(target: number): Promise<FaultProxy> {
    const proxy = new FaultProxy(target);
    proxy.#listener.listen(0, "127.0.0.1");
    await once(proxy.#listener, "listening");
    return proxy;
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Those that are not over, in the order of opening. */
  get links(): readonly Link[] {
    return [...this.#links];
  }

  /** How often somebody connected. */
  get attempts(): number {
    return this.#count;
  }

  /** Settles when somebody connects the next time, whatever becomes of it. */
  accepted(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Every link ends, but for those that froze: their ends must not hear of it. */
  cut(how: Cut = "reset"): void {
    for (const link of this.#links) if (!link.isFrozen) link.cut(how);
  }

  /** The same, after so many more bytes went that way, over whichever links. Settles then. */
  cutAfter(bytes: number, direction: Direction = "down", how: Cut = "reset"): Promise<void> {
    return new Promise((resolve) => {
      const allowance = new Allowance(bytes, () => {
        this.#allowance = undefined;
        this.cut(how);
        resolve();
      });
      this.#allowance = { direction, allowance };
      if (allowance.isSpent) allowance.spent();
      else for (const link of this.#links) link[direction].allow(allowance);
    });
  }

  /** From now on nothing goes through, and neither end hears of it: not what is under way, and not new links. */
  freeze(): void {
    this.#door = "frozen";
    for (const link of this.#links) link.freeze();
  }

  /** New links go through again; what froze stays as it is. */
  thaw(): void {
    this.#door = "open";
  }

  /** New links are reset at once, until `thaw`. */
  refuse(): void {
    this.#door = "refusing";
  }

  /** What froze goes on, with what was sent meanwhile. */
  heal(): void {
    this.thaw();
    for (const link of this.#links) link.heal();
  }

  /** Constant, one way, in order; for all links, from now on. */
  delay(ms: number, direction?: Direction): void {
    for (const way of direction ? [direction] : (["up", "down"] as const)) this.#delayMs[way] = ms;
    for (const link of this.#links) link.delay(ms, direction);
  }

  /** What becomes of requests for WebSockets that come from now on. */
  upgrades(policy: UpgradePolicy): void {
    this.#policies = { ...this.#policies, upgrades: policy };
  }

  /** Answers to some of the requests that come from now on are kept back until there are so many bytes, or all of them. */
  buffer(policy: BufferPolicy | undefined): void {
    this.#policies = { ...this.#policies, buffering: policy };
  }

  async close(): Promise<void> {
    for (const link of this.#links) link.destroy();
    for (const socket of this.#lost) socket.destroy();
    this.#listener.close();
    await once(this.#listener, "close");
  }

  #accept(client: Socket): void {
    client.on("error", () => {});
    this.#count++;
    for (const resolve of this.#waiting.splice(0)) resolve();
    if (this.#door === "refusing") {
      client.resetAndDestroy();
      return;
    }
    if (this.#door === "frozen") {
      client.pause();
      this.#lost.add(client);
      return;
    }
    const link = new Link(client, this.#target, this.#count, () => this.#policies);
    this.#links.add(link);
    void link.closed.then(() => this.#links.delete(link));
    for (const way of ["up", "down"] as const) link.delay(this.#delayMs[way], way);
    if (this.#allowance) link[this.#allowance.direction].allow(this.#allowance.allowance);
    this.onLink?.(link);
  }
}
