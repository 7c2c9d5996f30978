import {
  type CloseReason,
  type Codec,
  type Decoder,
  type Frame,
  type Packet,
  RealtimeError,
} from "@bowline/protocol";
import type { ResumptionRequest } from "@bowline/protocol/internal";
import type { AnySession, SessionListener } from "../engine/session-listener.ts";
import type { Session } from "../engine/session.ts";
import type { SendFlags } from "./arguments.ts";
import { uncompressed } from "./compress.ts";
import type { Deadlines } from "./deadlines.ts";
import { FewByName } from "./few-by-name.ts";
import type { SessionClaim } from "./recovery-store.ts";
import { type ConnectData, readConnectData } from "./resumption-request.ts";

const MOST_DEPARTED = 256;

/** A socket as its connection sees it. Implemented by `Socket`. */
export interface ConnectionSocket {
  readonly connected: boolean;
  disconnect(close?: boolean): unknown;
  /** @internal */
  _deliver(packet: Packet): void;
  /** @internal The peer sent what is no packet. */
  _violated(error: unknown): void;
  /** @internal Ends the socket, whoever wanted it; the second call does nothing. */
  _closed(reason: CloseReason, details?: unknown): void;
  /** @internal The link broke: ends the socket, unless its client may come back to it. */
  _lost(reason: CloseReason, details?: unknown): void;
}

/** A client that wants into a namespace. */
export interface Arrival {
  readonly connection: Connection;
  readonly auth: object | undefined;
  /** What it wants to go on with. */
  readonly claim: SessionClaim | undefined;
  /** How it speaks of resumption, if it does. */
  readonly request: ResumptionRequest | undefined;
}

/** A namespace as a connection sees it. Implemented by `Namespace`. */
export interface ConnectionNamespace {
  /** @internal Whether its sockets may agree on resumption. */
  readonly _resumes: boolean;
  /** @internal What the client wants to go on with, if it names something. */
  _findClaim(
    auth: object | undefined,
    connectionNumber: number,
  ): SessionClaim | Promise<SessionClaim | undefined> | undefined;
  /** @internal */
  _connect(arrival: Arrival): void;
}

/** What a connection needs of the server it belongs to. */
export interface ConnectionHost {
  readonly codec: Codec;
  /** The namespace of that name, if there is one. */
  namespace(name: string): ConnectionNamespace | undefined;
  /**
   * Asks for one that is not there. `found` is called once, perhaps later, with the way to it or, if nobody wants it to
   * be, without.
   */
  findNamespace(
    name: string,
    auth: object | undefined,
    found: (open?: () => ConnectionNamespace | undefined) => void,
  ): void;
  /** Another with every connection, and greater. */
  nextNumber(): number;
  /** The connection has a socket now, or is closed: it no longer counts as unused. */
  settled(connection: Connection): void;
}

/**
 * One session and its sockets, one per namespace. Decodes what the session delivers and routes it; everything that
 * the peer can get wrong ends here, with the connection closed (SPEC S30 to S34).
 */
export class Connection implements SessionListener {
  readonly session: AnySession;
  /** Greater than that of every connection that was opened before. */
  readonly number: number;
  /** Where it waits until it is of use. */
  deadline: Deadlines<Connection> | undefined;
  readonly #host: ConnectionHost;
  readonly #decoder: Decoder;
  /** By namespace; in it from the CONNECT on, before the middleware has spoken. */
  readonly #sockets = new FewByName<ConnectionSocket>();
  /** Namespaces that it was in, the latest ones: something may be on its way to them. */
  #departed: string[] | undefined;
  #stalled: Set<{ _drained(): void }> | undefined;

  constructor(session: AnySession, host: ConnectionHost) {
    this.session = session;
    this.number = host.nextNumber();
    this.#host = host;
    this.#decoder = host.codec.decoder();
    session.listener = this;
  }

  /** The session's, which is secret: who knows it may poll in the client's place. */
  get id(): string {
    return this.session.id;
  }

  /** The session, as Socket.IO calls it; with `io.bind` the other engine's own object. */
  get conn(): Session {
    return this.session.conn as Session;
  }

  /** The request that opened it. */
  get request(): Session["request"] {
    return this.session.request;
  }

  /** @internal Called by adapters, with what the encoder gave. */
  writeToEngine(encoded: Frame | readonly Frame[], flags: SendFlags = {}): void {
    if (flags.volatile && !this.session.writable) return;
    for (const frame of [encoded].flat() as Frame[]) this.#write(frame, flags.compress);
  }

  /** @internal Calls its `_drained` when what waits to leave has left. */
  whenDrained(one: { _drained(): void }): void {
    this.#stalled ??= new Set();
    this.#stalled.add(one);
  }

  drain(): void {
    const stalled = this.#stalled;
    if (!stalled) return;
    this.#stalled = undefined;
    for (const one of stalled) one._drained();
  }

  /** It waits there until it is of use. */
  begin(deadline: Deadlines<Connection>): void {
    this.deadline = deadline;
    deadline.add(this);
  }

  get isOpen(): boolean {
    return this.session.state === "open";
  }

  message(frame: Frame): void {
    let packet: Packet | undefined;
    try {
      packet = this.#decoder.push(frame);
    } catch (error) {
      return this.#violated(error);
    }
    if (packet) this.#route(packet);
  }

  close(reason: CloseReason, cause?: unknown): void {
    if (isLinkLost(reason, cause)) this.#lose(reason, cause);
    else this.#end(reason, cause);
  }

  /** Encodes and sends; for one socket. What many get is encoded once by `fanout`. */
  send(packet: Packet, compress?: boolean): void {
    for (const frame of this.#host.codec.encode(packet)) this.#write(frame, compress);
  }

  /** Tells the client that the middleware said no. Gives back why what it added to that could not be told. */
  sendRefusal(
    namespace: string,
    answer: { readonly message: string; readonly data?: unknown },
  ): Error | undefined {
    const refusal = { type: "connect_error", namespace } as const;
    try {
      this.send({ ...refusal, data: answer });
      return undefined;
    } catch (error) {
      this.send({ ...refusal, data: { message: answer.message } });
      return error as Error;
    }
  }

  /** It has a socket there, of which the middleware has not spoken. */
  arrived(namespace: string, socket: ConnectionSocket): void {
    this.#sockets.set(namespace, socket);
  }

  /** The socket joined its namespace: the connection is of use. */
  joined(): void {
    this.#host.settled(this);
  }

  /** It joined nothing in time. */
  unused(): void {
    this.#end(
      "forced server close",
      new RealtimeError("refused", "joined no namespace within connectTimeout"),
    );
    this.session.close();
  }

  /** The namespace's socket is gone; the peer may connect to it anew. */
  left(namespace: string): void {
    this.#sockets.delete(namespace);
    if (!this.isOpen) return;
    const departed = (this.#departed ??= []);
    if (!departed.includes(namespace) && departed.push(namespace) > MOST_DEPARTED) departed.shift();
  }

  /**
   * The client came back on another connection. As a rule nobody is at this end; who still is, a second holder of what
   * should be secret, must hear that it is over, or the two would take the socket from each other for ever.
   */
  takenOver(): void {
    for (const [namespace, socket] of this.#sockets.entries()) {
      if (socket.connected) this.send({ type: "disconnect", namespace });
    }
    const details = new RealtimeError(
      "disconnected",
      "the client came back on another connection, which took over",
    );
    this.close("forced close", details);
    this.session.close(true);
  }

  /** The client has given it up: nothing that still comes over it reaches anybody. */
  abandon(details: RealtimeError): void {
    this.close("forced close", details);
    this.session.abandon();
  }

  /** That socket is in its namespace. */
  entered(namespace: string, socket: ConnectionSocket): void {
    this.#sockets.set(namespace, socket);
    this.#host.settled(this);
  }

  /** What the peer sent has no place where it came: nobody of this connection comes back. */
  refuse(what: string): void {
    this.#end("forced server close", new RealtimeError("bad_packet", what));
    this.session.close();
  }

  /** What came over it is of no use, and says nothing of the sockets that it has: they may go on on another one. */
  refuseLate(what: string): void {
    this.#lose("forced server close", new RealtimeError("refused", what));
    this.session.close();
  }

  /** Disconnects every socket in good order, then the connection. */
  disconnect(): void {
    for (const socket of this.#sockets.values()) socket.disconnect();
    this.session.close();
  }

  #write(data: Frame, compress?: boolean): void {
    const packet = { type: "message", data } as const;
    this.session.sendPacket(compress === false ? uncompressed(packet) : packet);
  }

  #route(packet: Packet): void {
    if (packet.type === "connect") return this.#connect(packet.namespace, packet.data);
    const socket = this.#sockets.get(packet.namespace);
    if (socket?.connected && packet.type !== "connect_error") socket._deliver(packet);
    else if (!socket) this.#dropLate(packet);
    else if (packet.type === "disconnect") socket._deliver(packet);
    else this.refuse(`a ${packet.type} before the namespace ${packet.namespace} answered`);
  }

  /** The client need not know yet that it is in that namespace no more. */
  #dropLate({ type, namespace }: Packet): void {
    if (type === "connect_error" || !this.#departed?.includes(namespace))
      this.refuse(`a ${type} for a namespace that was not joined: ${namespace}`);
  }

  #connect(name: string, data: object | undefined): void {
    if (this.#sockets.get(name)) return this.refuse(`a second connect for the namespace ${name}`);
    const read = this.session.offers ? readConnectData(data) : { auth: data, request: undefined };
    const namespace = this.#host.namespace(name);
    if (namespace) this.#enter(namespace, name, read);
    else this.#find(name, read);
  }

  #enter(namespace: ConnectionNamespace, name: string, { auth, request }: ConnectData): void {
    const isAgreed = request && namespace._resumes;
    const found = isAgreed ? undefined : namespace._findClaim(auth, this.number);
    if (!(found instanceof Promise))
      return namespace._connect({ connection: this, auth, claim: found, request });
    const connect = (claim: SessionClaim | undefined): void =>
      namespace._connect({ connection: this, auth, claim, request });
    void found.then(this.#hold(name, connect));
  }

  #find(name: string, data: ConnectData): void {
    const decided = this.#hold(name, (open: (() => ConnectionNamespace | undefined) | undefined) => {
      const namespace = open?.();
      if (namespace) return this.#enter(namespace, name, data);
      this.send({ type: "connect_error", namespace: name, data: { message: "Invalid namespace" } });
    });
    this.#host.findNamespace(name, data.auth, decided);
  }

  /** Until something is known the namespace's place is taken: a second connect is a fault. Then `go`, if the client is still there. */
  #hold<Result>(name: string, go: (result: Result) => void): (result: Result) => void {
    const place = new Place(() => this.#sockets.delete(name));
    this.#sockets.set(name, place);
    return (result) => {
      if (this.#sockets.get(name) !== place || !this.isOpen) return;
      this.#sockets.delete(name);
      go(result);
    };
  }

  /** Bytes that are no packet. */
  #violated(error: unknown): void {
    for (const socket of this.#sockets.values()) socket._violated(error);
    this.#end("forced close", error);
    this.session.close();
  }

  #lose(reason: CloseReason, cause?: unknown): void {
    this.#host.settled(this);
    for (const socket of this.#sockets.values()) socket._lost(reason, cause);
  }

  /** It is the peer's fault, or nobody's wish that it goes on. */
  #end(reason: CloseReason, cause?: unknown): void {
    this.#host.settled(this);
    for (const socket of this.#sockets.values()) socket._closed(reason, cause);
  }
}

/** After these the client is on its way to another link, unless it broke the protocol. SPEC U10. */
const LINK_LOST: ReadonlySet<CloseReason> = new Set<CloseReason>([
  "transport close",
  "transport error",
  "ping timeout",
  "forced close",
]);

function isLinkLost(reason: CloseReason, cause: unknown): boolean {
  const { code } = Object(cause) as { code?: unknown };
  return LINK_LOST.has(reason) && code !== "bad_packet";
}

/** What stands among a connection's sockets while it is being decided whether there will be one. */
class Place implements ConnectionSocket {
  readonly connected = false;
  readonly #leave: () => void;

  constructor(leave: () => void) {
    this.#leave = leave;
  }

  disconnect(): void {
    this.#leave();
  }

  /** It is a disconnect: nothing else is delivered to a socket that is not connected. */
  _deliver(): void {
    this.#leave();
  }

  _violated(): void {}

  _closed(): void {
    this.#leave();
  }

  _lost(): void {
    this.#leave();
  }
}
