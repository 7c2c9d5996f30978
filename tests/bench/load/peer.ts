import { randomBytes } from "node:crypto";
import { Confirmations } from "./confirmations.ts";
import { HttpLink } from "./link-http.ts";
import { WebSocketLink } from "./link-websocket.ts";
import type { ClientKind, Link, LinkListener, TransportName } from "./link.ts";
import type { Tally } from "./tally.ts";

export interface PeerOptions {
  readonly port: number;
  readonly kind: ClientKind;
  readonly transport: TransportName;
  readonly tally: Tally;
  /** Where it comes from, for those that are more than one address has ports; WebSocket only. */
  readonly localAddress?: string | undefined;
}

const OPEN = 0x30; // "0"
const PING = 0x32;
const MESSAGE = 0x34;
const CONNECT = 0x30;
const EVENT = 0x32;
const ACK = 0x33;
const BINARY_EVENT = 0x35;
const DOLLAR = 0x24;
/** Where the name of `42["name"` begins. */
const NAME_AT = 4;
/** Where `42["$","r"]` says what it wants. */
const CONTROL_AT = 8;
const ASK = 0x72; // "r"

/** A client that reads as little as it can: it counts what it gets, and answers what it must. */
export class Peer implements LinkListener {
  /** As the server calls its socket. */
  id = "";
  onAck: ((id: number) => void) | undefined;
  onEvent: ((bytes: Buffer, begin: number, end: number) => void) | undefined;
  /** Of this client alone. */
  events = 0;
  readonly #link: Link;
  readonly #tally: Tally;
  readonly #confirmations: Confirmations | undefined;
  #connected: { readonly resolve: (peer: Peer) => void; readonly reject: (error: Error) => void } | undefined;
  /** Of an event whose attachment has not come. */
  #headLength = 0;

  private constructor({ port, kind, transport, tally, localAddress }: PeerOptions) {
    this.#tally = tally;
    this.#link =
      transport === "websocket"
        ? new WebSocketLink(port, this, localAddress)
        : new HttpLink(port, transport, this);
    if (kind === "bowline") this.#confirmations = new Confirmations((packet) => this.send(packet));
  }

  static open(options: PeerOptions): Promise<Peer> {
    return new Promise((resolve, reject) => {
      const peer: Peer = new Peer(options);
      peer.#connected = { resolve, reject };
    });
  }

  encode(packet: string, attachment?: Buffer): Buffer {
    return this.#link.encode(packet, attachment);
  }

  write(encoded: Buffer): void {
    this.#link.write(encoded);
  }

  together(write: () => void): void {
    this.#link.together(write);
  }

  send(packet: string): void {
    this.#link.write(this.#link.encode(packet));
  }

  /** Says DISCONNECT, which ends what the server would keep for it, and closes. */
  close(): Promise<void> {
    this.#confirmations?.stop();
    this.send("41");
    return this.#link.close();
  }

  onPacket(bytes: Buffer, begin: number, end: number): void {
    switch (bytes[begin]) {
      case MESSAGE:
        this.#message(bytes, begin, end);
        break;
      case PING:
        this.send("3");
        break;
      case OPEN:
        this.send(this.#connectPacket());
    }
  }

  onAttachment(length: number): void {
    this.#count(this.#headLength + length);
  }

  onLost(why: string): void {
    this.#confirmations?.stop();
    this.#connected?.reject(new Error(why));
    this.#tally.fail(why);
  }

  #message(bytes: Buffer, begin: number, end: number): void {
    switch (bytes[begin + 1]) {
      case EVENT:
        if (bytes[begin + NAME_AT] === DOLLAR) this.#control(bytes, begin);
        else {
          this.#count(end - begin);
          this.onEvent?.(bytes, begin, end);
        }
        break;
      case BINARY_EVENT:
        this.#headLength = end - begin;
        break;
      case ACK:
        this.#tally.acks += 1;
        this.onAck?.(readAckId(bytes, begin + 2));
        break;
      case CONNECT:
        this.#enter(bytes.toString("utf8", begin + 2, end));
        break;
      default:
        this.onLost(`the server said ${bytes.toString("utf8", begin, end)}`);
    }
  }

  #count(length: number): void {
    this.events += 1;
    this.#confirmations?.count();
    this.#tally.event(length);
  }

  #control(bytes: Buffer, begin: number): void {
    if (bytes[begin + CONTROL_AT] === ASK) this.#confirmations?.confirm();
  }

  #connectPacket(): string {
    if (!this.#confirmations) return "40";
    return `40${JSON.stringify({ $x: { rs: { k: randomBytes(16).toString("base64url"), a: 1 } } })}`;
  }

  #enter(json: string): void {
    const reply = JSON.parse(json) as { sid: string; $x?: { rs?: object } };
    this.id = reply.sid;
    if (this.#confirmations && !reply.$x?.rs) this.onLost("the server does not agree on resumption");
    else this.#connected?.resolve(this);
    this.#connected = undefined;
  }
}

function readAckId(bytes: Buffer, at: number): number {
  let id = 0;
  for (let index = at; ; index += 1) {
    const digit = (bytes[index] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return id;
    id = id * 10 + digit;
  }
}
