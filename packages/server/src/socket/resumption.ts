import {
  type CloseReason,
  type EnginePacket,
  type EventName,
  type EventPacket,
  type Packet,
  RealtimeError,
  type ServerDisconnectReason,
  type Untyped,
} from "@bowline/protocol";
import {
  CONTROL,
  type ControlMessage,
  EXTENSIONS_KEY,
  type Gap,
  isReservedEvent,
  readName,
  type ResumptionReply,
  type ResumptionRequest,
} from "@bowline/protocol/internal";
import { Emitter } from "../emitter.ts";
import type { Connection } from "./connection.ts";
import type { SessionRest } from "./recovery-store.ts";
import { Downlink } from "./resumption-downlink.ts";
import type { Pooled, ResumptionPool } from "./resumption-pool.ts";
import { isCount } from "./resumption-request.ts";
import { Uplink } from "./resumption-uplink.ts";

/** What `socket.resumption` tells of. */
export interface ResumptionEvents {
  /** The link broke. The socket goes on, and what is sent is kept. */
  suspend: (reason: ServerDisconnectReason, details?: Untyped) => void;
  /** The client is back, and has what it missed; all but what a gap says. */
  resume: (how: { readonly gap?: Gap | undefined }) => void;
  /** The client was told that it will not get these events. */
  gap: (gap: Gap) => void;
}

/** What a resumption needs of its namespace. Implemented by `Resumptions`. */
export interface ResumptionHome {
  readonly namespace: string;
  readonly pool: ResumptionPool;
  forget(key: string): void;
  /** @throws RealtimeError `unserializable` */
  encode(packet: Packet): EnginePacket[];
}

/** A socket as its resumption sees it. Implemented by `Socket`. */
export interface ResumptionOwner {
  readonly id: string;
  readonly rooms: ReadonlySet<string>;
  data: unknown;
  /** @internal */
  _closed(reason: CloseReason, details?: unknown): void;
  /** @internal */
  _listenerFailed(error: unknown, event: EventName): void;
}

type State =
  | { readonly name: "attached"; readonly connection: Connection }
  | { readonly name: "suspended"; readonly reason: CloseReason; readonly details: unknown }
  | { readonly name: "opening" | "dismissed" | "ended" };

const NEXT: Readonly<Record<State["name"], readonly State["name"][]>> = {
  opening: ["attached", "ended"],
  attached: ["suspended", "ended"],
  suspended: ["attached", "dismissed", "ended"],
  dismissed: ["ended"],
  ended: [],
};

/**
 * What of a socket outlives its link: the counts, what the client has not confirmed, and who it is (SPEC U1 to U19).
 *
 *     opening ──► attached ── the link broke ──► suspended ── the client came back ──► attached
 *                    │                               ├── the application disconnected it ──► dismissed
 *                    └── either side disconnected ───┴── too long, evicted, refused ──► ended ◄──┘
 *
 * attached: on a connection. suspended: what is sent is kept. dismissed: the socket is gone, and a client that comes back
 * gets what was kept and is sent away. ended: for good.
 */
export class Resumption extends Emitter<ResumptionEvents> implements Pooled {
  readonly #home: ResumptionHome;
  readonly #key: string;
  readonly #owner: ResumptionOwner;
  readonly #down: Downlink;
  readonly #up: Uplink = new Uplink();
  #state: State = { name: "opening" };
  /** Of the CONNECT that was answered last. */
  #attempt = 0;
  #resumes = 0;
  /** The client was asked to confirm, and has not. */
  #isAsked = false;

  /** @internal */
  constructor(home: ResumptionHome, key: string, owner: ResumptionOwner) {
    super();
    this.#home = home;
    this.#key = key;
    this.#owner = owner;
    this.#down = new Downlink(home.pool);
  }

  /** Whether the link is broken, and the client expected back. */
  get suspended(): boolean {
    return this.#state.name === "suspended";
  }

  /** How often the client came back. */
  get resumes(): number {
    return this.#resumes;
  }

  /** How many events were sent that the client has not confirmed yet. */
  get unconfirmed(): number {
    return this.#down.unconfirmed;
  }

  /** @internal What goes on, for the middleware to look at. */
  get _rest(): SessionRest {
    const { id, rooms, data } = this.#owner;
    return { id, rooms: new Set(rooms), data };
  }

  /** @internal The socket is gone, and there is only a farewell to come back to. */
  get _isDismissed(): boolean {
    return this.#state.name === "dismissed";
  }

  /** @internal Why a client cannot come back like that. */
  _objection({ a, n = 0 }: ResumptionRequest): string | undefined {
    if (a <= this.#attempt) return `attempt ${a} to resume, after attempt ${this.#attempt}`;
    if (n > this.#down.sent) return `${n} events to resume behind, of ${this.#down.sent}`;
    return undefined;
  }

  /** @internal An event for the client, encoded; the packets may be shared. */
  _send(packets: readonly EnginePacket[]): void {
    const isKept = this.#down.push(packets);
    const state = this.#state;
    if (isKept && state.name === "attached") write(state.connection, packets);
    if (this.#down.isHeavy) this.#relieve();
  }

  /** @internal The same, neither counted nor kept. */
  _sendVolatile(packets: readonly EnginePacket[]): void {
    if (this.#state.name === "attached") write(this.#state.connection, packets);
  }

  /** @internal What the client sent, as the application knows it; nothing if it is not for the application. */
  _receive(packet: EventPacket): EventPacket | undefined {
    const [event] = packet.data;
    if (typeof event !== "string" || event[0] !== "$") {
      this.#count();
      return packet;
    }
    const { name, isCounted } = readName(event);
    if (isCounted) this.#count();
    else if (event === CONTROL) this.#control(packet.data.slice(1));
    if (name === undefined) return undefined;
    if (!isReservedEvent(name)) return { ...packet, data: [name, ...packet.data.slice(1)] };
    this.#violated(`"${name}" is a reserved event name`);
    return undefined;
  }

  /**
   * @internal The client is on that connection now: it is told, and gets what it missed. Nothing may be sent to it
   * between `_release` and this.
   */
  _attach(connection: Connection, request: ResumptionRequest): Gap | undefined {
    const { a, n = 0 } = request;
    const isNew = this.#state.name === "opening";
    const received = isNew ? 0 : n;
    const gap = this.#down.gapBehind(received);
    const { settings } = this.#home.pool;
    const reply: ResumptionReply = {
      w: settings.windowMs,
      h: this.#up.told(),
      ...(!isNew && { ok: true }),
      ...(gap && { gap }),
    };
    this.#attempt = a;
    if (!isNew) this.#resumes++;
    this.#enter({ name: "attached", connection });
    const { namespace } = this.#home;
    const data = { sid: this.#owner.id, [EXTENSIONS_KEY]: { rs: reply } };
    connection.send({ type: "connect", namespace, data });
    if (gap) this.#down.skip();
    else {
      this.#down.confirm(received);
      this.#down.eachAfter(received, (_number, packets) => write(connection, packets));
    }
    return gap;
  }

  /** @internal Tells the application, when the socket is whole again. */
  _resumed(gap: Gap | undefined): void {
    if (gap) this._fire("gap", [gap]);
    this._fire("resume", [{ gap }]);
  }

  /** @internal The link broke. */
  _suspend(reason: CloseReason, details: unknown): void {
    if (this.#state.name !== "attached") return;
    this.#enter({ name: "suspended", reason, details });
    this._fire("suspend", [reason, details]);
  }

  /** @internal The client came back, and nobody had noticed that it was gone: what is still on the old link is void. */
  _release(): void {
    if (this.#state.name !== "attached") return;
    const { connection } = this.#state;
    const details = new RealtimeError("disconnected", "the client came back on another connection");
    this.#enter({ name: "suspended", reason: "forced close", details });
    connection.left(this.#home.namespace);
    connection.abandon(details);
  }

  /** @internal A client comes back to a socket that the application disconnected. */
  _dismiss(connection: Connection, request: ResumptionRequest): void {
    const { namespace } = this.#home;
    const { n = 0 } = request;
    const gap = this.#down.gapBehind(n);
    const rs: ResumptionReply = {
      w: this.#home.pool.settings.windowMs,
      h: this.#up.received,
      ok: true,
      ...(gap && { gap }),
    };
    const data = { sid: this.#owner.id, [EXTENSIONS_KEY]: { rs } };
    connection.send({ type: "connect", namespace, data });
    if (!gap) this.#down.eachAfter(n, (_number, packets) => write(connection, packets));
    connection.send({ type: "disconnect", namespace });
    this.#enter({ name: "ended" });
  }

  /** @internal The socket is closed. If its application did that while the client is away, the client is still to hear of it. */
  _ownerClosed(reason: CloseReason): void {
    const isDismissal = this.suspended && reason === "server namespace disconnect";
    if (this.#state.name !== "ended") this.#enter({ name: isDismissal ? "dismissed" : "ended" });
  }

  /** @internal The middleware refused to let the client go on. */
  _refused(): void {
    this.#endOwner("server namespace disconnect", undefined);
  }

  /** @internal */
  _expire(): void {
    if (this.#state.name === "suspended") this.#endOwner(this.#state.reason, this.#state.details);
    else if (this.#state.name === "dismissed") this.#enter({ name: "ended" });
  }

  /** @internal Nobody can come back any more; who is there is sent away. */
  _stop(): void {
    const state = this.#state;
    this.#endOwner("forced server close", undefined);
    if (state.name === "attached") state.connection.session.close();
  }

  /** @internal */
  _shed(): boolean {
    const hadSome = this.#down.bytes > 0;
    if (hadSome) this.#down.lose("overflow");
    return hadSome;
  }

  /** @internal */
  _tellCount(): void {
    if (this.#state.name === "attached") this.#tell(["a", this.#up.told()]);
  }

  /** @internal */
  _listenerFailed(error: unknown, event: EventName): void {
    this.#owner._listenerFailed(error, event);
  }

  #count(): void {
    const due = this.#up.count();
    if (due === "later") this.#home.pool.owe(this);
    else if (due === "now") {
      this.#home.pool.owesNot(this);
      this._tellCount();
    }
  }

  #control([what, value]: readonly unknown[]): void {
    if (what === "r") {
      this.#home.pool.owesNot(this);
      this._tellCount();
    } else if (what === "a") {
      if (!isCount(value) || !this.#down.confirm(value)) {
        return this.#violated(`${String(value)} events confirmed, of ${this.#down.sent}`);
      }
      if (!this.#down.isHeavy) this.#isAsked = false;
    }
  }

  /** Much is not confirmed. */
  #relieve(): void {
    const { maxBytes } = this.#home.pool.settings;
    this.#ask();
    this.#down.trim(maxBytes);
  }

  #ask(): void {
    if (this.#isAsked || this.#state.name !== "attached") return;
    this.#isAsked = true;
    this.#tell(["r"]);
  }

  #tell(message: ControlMessage): void {
    if (this.#state.name !== "attached") return;
    const { namespace } = this.#home;
    this.#state.connection.send({ type: "event", namespace, data: [CONTROL, ...message] });
  }

  #violated(what: string): void {
    if (this.#state.name === "attached") this.#state.connection.refuse(what);
  }

  #endOwner(reason: CloseReason, details: unknown): void {
    if (this.#state.name === "ended") return;
    this.#enter({ name: "ended" });
    this.#owner._closed(reason, details);
  }

  #enter(next: State): void {
    const last = this.#state;
    if (!NEXT[last.name].includes(next.name)) throw new Error(`resumption: ${last.name} -> ${next.name}`);
    const { pool } = this.#home;
    this.#state = next;
    if (last.name === "attached") {
      pool.owesNot(this);
      this.#isAsked = false;
    }
    if (next.name === "suspended") pool.wait(this);
    else if (next.name !== "dismissed") pool.leave(this);
    if (next.name !== "ended") return;
    this.#down.end();
    this.#home.forget(this.#key);
  }
}

function write(connection: Connection, packets: readonly EnginePacket[]): void {
  for (const packet of packets) connection.session.sendPacket(packet);
}
