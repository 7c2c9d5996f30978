import { isThenable } from "@bowline/protocol/internal";
import type { ErrorContext } from "../errors.ts";
import type { Adapter, AdapterFlags, AdapterOptions } from "./adapter.ts";
import type { EventData } from "./arguments.ts";
import { type BroadcastAck, BroadcastAckError } from "./broadcast-acks.ts";
import type { BroadcastSource } from "./broadcast.ts";
import type { AnyMember, BroadcastTarget, Delivery, ServersAck } from "./delivery.ts";
import type { AckCallbacks } from "./outbox.ts";
import { DistantSocket, type SocketDetails } from "./remote-socket.ts";
import type { Runtime } from "./runtime.ts";

const EVENT = 2;

/** What it needs of its namespace. */
export interface AdapterNamespace extends BroadcastSource {
  readonly name: string;
  readonly sockets: ReadonlyMap<string, AnyMember & { readonly acks: AckCallbacks }>;
  /** @internal */
  readonly _runtime: Runtime;
}

/**
 * An adapter made for Socket.IO carries the rooms and the broadcasts of a namespace. What it rejects with, or throws
 * where no caller is to blame, goes to `onError`.
 */
export class AdapterDelivery implements Delivery {
  readonly #adapter: Adapter;
  readonly #nsp: AdapterNamespace;

  constructor(adapter: Adapter, nsp: AdapterNamespace) {
    this.#adapter = adapter;
    this.#nsp = nsp;
  }

  send(target: BroadcastTarget, data: EventData): void {
    this.#watch(this.#adapter.broadcast(this.#packet(data), optionsOf(target)));
  }

  ask(target: BroadcastTarget & { readonly timeoutMs: number }, data: EventData, done: BroadcastAck): void {
    const packet = this.#packet(data);
    const responses: unknown[] = [];
    let [servers, serversTold, clients] = [-1, 0, 0];
    let isDone = false;
    const finish = (error: BroadcastAckError | null): void => {
      isDone = true;
      clock.clearTimer(timer);
      done(error, responses);
    };
    const { clock } = this.#nsp._runtime;
    const timer = clock.setTimer(() => {
      // The adapter put it there.
      if (packet.id !== undefined) for (const { acks } of this.#nsp.sockets.values()) acks.delete(packet.id);
      finish(new BroadcastAckError("ack_timeout", "operation has timed out", responses));
    }, target.timeoutMs);
    const check = (): void => {
      if (!isDone && servers === serversTold && responses.length === clients) finish(null);
    };
    const told = (count: number): void => {
      clients += count;
      serversTold++;
      check();
    };
    const answered = (answer?: unknown): void => {
      if (isDone) return;
      responses.push(answer);
      check();
    };
    this.#watch(this.#adapter.broadcastWithAck(packet, optionsOf(target), told, answered));
    const counted = (count: number): void => {
      servers = count;
      check();
    };
    this.#watch(this.#adapter.serverCount().then(counted));
  }

  async fetch(target: BroadcastTarget): Promise<readonly AnyMember[]> {
    const found = (await this.#adapter.fetchSockets(optionsOf(target))) as (AnyMember & SocketDetails)[];
    const { sockets } = this.#nsp;
    return found.map((one) => (sockets.get(one.id) === one ? one : new DistantSocket(this.#nsp, one)));
  }

  join(target: BroadcastTarget, rooms: readonly string[]): void {
    this.#watch(this.#adapter.addSockets(optionsOf(target), [...rooms]));
  }

  leave(target: BroadcastTarget, rooms: readonly string[]): void {
    this.#watch(this.#adapter.delSockets(optionsOf(target), [...rooms]));
  }

  disconnect(target: BroadcastTarget, close: boolean): void {
    this.#watch(this.#adapter.disconnectSockets(optionsOf(target), close));
  }

  tellServers(data: EventData, done?: ServersAck): void {
    this.#watch(this.#adapter.serverSideEmit(done ? [...data, done] : [...data]));
  }

  /** A list of its own: adapters may put more into it. */
  #packet(data: EventData): { type: number; nsp: string; data: unknown[]; id?: number } {
    return { type: EVENT, nsp: this.#nsp.name, data: [...data] };
  }

  #watch(result: unknown): void {
    watchAdapter(result, this.#nsp);
  }
}

/** Whom an adapter's failure is told. */
interface Failing {
  readonly name: string;
  /** @internal */
  _failed(error: unknown, context: ErrorContext): void;
}

/** Many methods of adapters are async, and nobody waits for them. */
export function watchAdapter(result: unknown, nsp: Failing): void {
  if (!isThenable(result)) return;
  result.then(undefined, (error: unknown) => nsp._failed(error, { stage: "adapter", namespace: nsp.name }));
}

/** A call of an adapter that has no caller to throw at: whoever it is about comes or goes all the same. */
export function callAdapter(call: () => unknown, nsp: Failing): void {
  try {
    watchAdapter(call(), nsp);
  } catch (error) {
    nsp._failed(error, { stage: "adapter", namespace: nsp.name });
  }
}

/** As Socket.IO gives it: what is not asked for is not there. */
function optionsOf({ rooms, except, sender, ...flags }: BroadcastTarget): AdapterOptions {
  const asked: AdapterFlags = {};
  if (flags.volatile) asked.volatile = true;
  if (flags.compress !== undefined) asked.compress = flags.compress;
  if (flags.local) asked.local = true;
  if (flags.timeoutMs !== undefined) asked.timeout = flags.timeoutMs;
  if (flags.single) asked.expectSingleResponse = true;
  // Every socket is in a room that is called as its id.
  return { rooms: new Set(rooms), except: new Set(sender ? [...except, sender.id] : except), flags: asked };
}
