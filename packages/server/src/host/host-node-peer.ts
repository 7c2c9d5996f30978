import type { Duplex } from "node:stream";
import type { Frame } from "@bowline/protocol";
import type { RawData, WebSocket } from "ws";
import type { EncodedFrame } from "./host-node-frames.ts";
import type { SendOptions, WebSocketListener, WebSocketPeer } from "./host.ts";
import { ownBytes } from "./own-bytes.ts";
import type { Flushable, TurnFrames, TurnQueue } from "./turn-queue.ts";

const OPEN = 1;

/** Where what emits an event has the peer that it is for. */
const PEER = Symbol("peer");
type Emitting<Emitter> = Emitter & { [PEER]?: NodePeer };

/** What the peers of one host share. */
export interface NodePeerContext {
  readonly turns: TurnQueue;
  readonly frames: TurnFrames<EncodedFrame>;
  /** Frames of fewer bytes leave as they are. */
  readonly compressFrom: number;
  /** Takes what a listener throws. */
  failed(error: unknown): void;
  /** Called last. */
  over(peer: NodePeer): void;
}

/** What most have waiting, so that who was sent one frame in a turn takes a list of one and no more. Never added to. */
const NONE: EncodedFrame[] = [];

/**
 * One WebSocket of ws. Reading, closing, pings and the checks of RFC 6455 are ws's; frames go to the socket directly.
 * That is sound because ws, without compression, writes each of its own frames at once and whole: what is written
 * between two of them stays between them.
 *
 * Frames wait here until the turn of the event loop ends, and leave in one write: the system call is what costs, not the
 * bytes. A turn and not a tick, because messages that arrived together come in ticks of their own, and what answers them
 * may well go to the same sockets (16 senders, 1 000 receivers: 0.6 instead of 2.4 µs per delivery). Here and not in a
 * corked socket, because what the stream does with a write can wait as well.
 */
export class NodePeer implements WebSocketPeer, Flushable {
  waits = 0;
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  readonly #context: NodePeerContext;
  /** Or ws has to: frames are compressed, or it is another engine than ws. */
  readonly #writesItself: boolean;
  #frames: EncodedFrame[] = NONE;
  #frameBytes = 0;
  /** In the places of the frames that they belong to; most have none. */
  #sent: (() => void)[] | undefined;

  #listener: WebSocketListener | undefined;
  #error: Error | undefined;

  constructor(ws: WebSocket, socket: Duplex, context: NodePeerContext, writesItself: boolean) {
    this.#ws = ws;
    this.#socket = socket;
    this.#context = context;
    this.#writesItself = writesItself;
  }

  get bufferedAmount(): number {
    return this.#writesItself ? this.#socket.writableLength + this.#frameBytes : this.#ws.bufferedAmount;
  }

  send(frame: Frame, options?: SendOptions): void {
    if (this.#ws.readyState !== OPEN) return;
    if (this.#writesItself) return this.#add(frame, options?.sent);
    const { compress = true, sent } = options ?? {};
    const binary = typeof frame !== "string";
    // Here, because ws looks at its threshold only where the peer keeps no context.
    const isLong = (binary ? frame.byteLength : Buffer.byteLength(frame)) >= this.#context.compressFrom;
    this.#ws.send(frame, { binary, compress: compress && isLong }, told(sent));
  }

  #add(frame: Frame, sent: (() => void) | undefined): void {
    const { turns, frames } = this.#context;
    const encoded = frames.of(frame);
    if (sent) (this.#sent ??= [])[this.#frames.length] = sent;
    this.#frameBytes += encoded.byteLength;
    if (this.#frames.length > 0) this.#frames.push(encoded);
    else this.#frames = [encoded];
    turns.add(this);
  }

  flush(): void {
    const frames = this.#frames;
    if (frames.length === 0) return;
    const sent = this.#sent;
    const socket = this.#socket;
    this.#forget();
    // Behind a close frame nothing may follow, nor is there a link any more.
    if (this.#ws.readyState !== OPEN) return;
    // It has not got rid of what earlier turns wrote, so this waits, perhaps for long. Corked it is for the handshake.
    if (socket.writableLength > 0 && socket.writableCorked === 0)
      for (const { pieces } of frames) pieces.forEach(own);
    const [first] = frames;
    if (frames.length === 1 && first) return writePieces(socket, first.pieces, sent?.[0]);
    socket.cork();
    for (let index = 0; index < frames.length; index++) {
      writePieces(socket, (frames[index] as EncodedFrame).pieces, sent?.[index]);
    }
    socket.uncork();
  }

  #forget(): void {
    this.#frames = NONE;
    this.#frameBytes = 0;
    this.#sent = undefined;
  }

  close(code: number, reason: string): void {
    if (this.#ws.readyState === OPEN) this.#ws.close(code, reason);
  }

  /** Whether nobody has begun to close it. */
  get isOpen(): boolean {
    return this.#ws.readyState === OPEN;
  }

  terminate(): void {
    this.#forget();
    this.#ws.terminate();
  }

  listen(listener: WebSocketListener): void {
    this.#listener = listener;
    const ws: Emitting<WebSocket> = this.#ws;
    const socket: Emitting<Duplex> = this.#socket;
    ws[PEER] = this;
    socket[PEER] = this;
    // ws answers a peer's close frame with it, too.
    if (this.#writesItself) ws.close = closeBehind;
    ws.on("message", onMessage);
    ws.on("error", onError);
    ws.on("close", onClose);
    // Node says "drain" only if a write filled its buffer before; less than that is gone before anybody could ask.
    socket.on("drain", onDrain);
  }

  /** Called by the listeners, as the three that follow. */
  message(data: RawData, isBinary: boolean): void {
    try {
      this.#listener?.message(toFrame(data, isBinary));
    } catch (error) {
      this.#context.failed(error);
    }
  }

  broke(error: Error): void {
    this.#error = error;
  }

  drained(): void {
    try {
      this.#listener?.drain();
    } catch (error) {
      this.#context.failed(error);
    }
  }

  closed(code: number): void {
    try {
      this.#listener?.closed(code, this.#error);
    } catch (error) {
      this.#context.failed(error);
    }
    this.#context.over(this);
  }
}

/** A function for all, since one for each would be kept as long as the connection. */
function onMessage(this: Emitting<object>, data: RawData, isBinary: boolean): void {
  this[PEER]?.message(data, isBinary);
}

/** What was sent before the close frame leaves before it. */
function closeBehind(this: Emitting<WebSocket>, ...args: Parameters<WebSocket["close"]>): void {
  this[PEER]?.flush();
  (Object.getPrototypeOf(this) as WebSocket).close.apply(this, args);
}

function onError(this: Emitting<object>, error: Error): void {
  this[PEER]?.broke(error);
}

function onDrain(this: Emitting<object>): void {
  this[PEER]?.drained();
}

function onClose(this: Emitting<object>, code: number): void {
  this[PEER]?.closed(code);
}

/** With the default binary type ws gives a Buffer. It is ours, but a small one may pin the whole read buffer it lies in. */
function toFrame(data: RawData, isBinary: boolean): Frame {
  const bytes = data as Buffer;
  return isBinary ? ownBytes(bytes) : bytes.toString("utf8");
}

function writePieces(socket: Duplex, pieces: readonly Uint8Array[], sent: (() => void) | undefined): void {
  const last = pieces.length - 1;
  for (let index = 0; index < last; index++) socket.write(pieces[index]);
  socket.write(pieces[last], told(sent));
}

/** In place, so that all who are sent the frame share it. */
function own(piece: Uint8Array, index: number, pieces: Uint8Array[]): void {
  pieces[index] = ownBytes(piece);
}

/** A write that failed was not sent. */
function told(sent: (() => void) | undefined): ((error: Error | null | undefined) => void) | undefined {
  return (
    sent &&
    ((error) => {
      if (!error) sent();
    })
  );
}
