import {
  type CloseReason,
  type Codec,
  type Decoder,
  type Frame,
  type Packet,
  RealtimeError,
} from "@bowline/protocol";
import type { Session, SessionListener } from "../engine/session.ts";

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
}

/** A namespace as a connection sees it. Implemented by `Namespace`. */
export interface ConnectionNamespace {
  /** @internal `begin` is told of the socket before the middleware is asked. */
  _connect(connection: Connection, auth: object | undefined, begin: (socket: ConnectionSocket) => void): void;
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
  /** The connection has a socket now, or is closed: it no longer counts as unused. */
  settled(connection: Connection): void;
}

/**
 * One session and its sockets, one per namespace. Decodes what the session delivers and routes it; everything that
 * the peer can get wrong ends here, with the connection closed (SPEC S30 to S34).
 */
export class Connection implements SessionListener {
  readonly session: Session;
  readonly #host: ConnectionHost;
  readonly #decoder: Decoder;
  /** By namespace; in it from the CONNECT on, before the middleware has spoken. */
  readonly #sockets = new Map<string, ConnectionSocket>();

  constructor(session: Session, host: ConnectionHost) {
    this.session = session;
    this.#host = host;
    this.#decoder = host.codec.decoder();
    session.listener = this;
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
    this.#host.settled(this);
    for (const socket of [...this.#sockets.values()]) socket._closed(reason, cause);
  }

  /** Encodes and sends; for one socket. What many get is encoded once by `fanout`. */
  send(packet: Packet): void {
    for (const frame of this.#host.codec.encode(packet)) this.session.send({ type: "message", data: frame });
  }

  /** The socket joined its namespace: the connection is of use. */
  joined(): void {
    this.#host.settled(this);
  }

  /** It joined nothing in time. */
  unused(): void {
    this.close(
      "forced server close",
      new RealtimeError("refused", "joined no namespace within connectTimeout"),
    );
    this.session.close();
  }

  /** The namespace's socket is gone; the peer may connect to it anew. */
  left(namespace: string): void {
    this.#sockets.delete(namespace);
  }

  /** Disconnects every socket in good order, then the connection. */
  disconnect(): void {
    for (const socket of [...this.#sockets.values()]) socket.disconnect();
    this.session.close();
  }

  #route(packet: Packet): void {
    if (packet.type === "connect") return this.#connect(packet.namespace, packet.data);
    const socket = this.#sockets.get(packet.namespace);
    if (socket?.connected && packet.type !== "connect_error") socket._deliver(packet);
    else if (!socket)
      this.#refuse(`a ${packet.type} for a namespace that was not joined: ${packet.namespace}`);
    else if (packet.type === "disconnect") socket._deliver(packet);
    else this.#refuse(`a ${packet.type} before the namespace ${packet.namespace} answered`);
  }

  #connect(name: string, auth: object | undefined): void {
    if (this.#sockets.has(name)) return this.#refuse(`a second connect for the namespace ${name}`);
    const namespace = this.#host.namespace(name);
    if (namespace) this.#enter(namespace, name, auth);
    else this.#find(name, auth);
  }

  #enter(namespace: ConnectionNamespace, name: string, auth: object | undefined): void {
    namespace._connect(this, auth, (socket) => this.#sockets.set(name, socket));
  }

  /** Until it is known whether there will be such a namespace the place is taken: a second connect is a fault. */
  #find(name: string, auth: object | undefined): void {
    const place = new Place(() => this.#sockets.delete(name));
    this.#sockets.set(name, place);
    this.#host.findNamespace(name, auth, (open) => {
      if (this.#sockets.get(name) !== place || !this.isOpen) return;
      this.#sockets.delete(name);
      const namespace = open?.();
      if (namespace) return this.#enter(namespace, name, auth);
      this.send({ type: "connect_error", namespace: name, data: { message: "Invalid namespace" } });
    });
  }

  /** Bytes that are no packet. */
  #violated(error: unknown): void {
    for (const socket of [...this.#sockets.values()]) socket._violated(error);
    this.close("forced close", error);
    this.session.close();
  }

  /** A packet that has no place where it came. */
  #refuse(what: string): void {
    this.close("forced server close", new RealtimeError("bad_packet", what));
    this.session.close();
  }
}

/** What stands among a connection's sockets while it is being decided whether there is such a namespace. */
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
}
