import type { Frame } from "@bowline/protocol";
import type { SendOptions, Upgrade, WebSocketListener, WebSocketPeer } from "./host.ts";
import { ownBytes } from "./own-bytes.ts";
import type { Flushable, TurnFrames, TurnQueue } from "./turn-queue.ts";
import type { UwsWebSocket } from "./uws-api.ts";

export interface QueuedFrame {
  bytes: Uint8Array;
  readonly isBinary: boolean;
}

/** uWS copies the members of what it is given; the object itself, and its class, are lost. */
export interface UserData {
  readonly peer: UwsPeer;
}

/** Half the time of a Buffer's `toString`. uWS has seen that it is UTF-8. */
const UTF_8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** What most peers have waiting, so that who was sent one frame in a turn takes a list of one and no more. Never added to. */
const NONE: QueuedFrame[] = [];

/** A link that ended without a close frame; uWS has words for it, but nobody broke a rule. */
const JUST_GONE = "Received TCP FIN before WebSocket close frame";
const NO_CLOSE_FRAME = 1006;
/** What `send` of uWS says when the peer does not take it all. */
const BACKPRESSURE = 0;
/** More than the kernel takes at once helps nobody, and uWS makes room for up to twice as much. */
const ENOUGH_BYTES = 64 * 1024;

export function queuedFrame(frame: Frame): QueuedFrame {
  const isBinary = typeof frame !== "string";
  return { bytes: isBinary ? frame : Buffer.from(frame), isBinary };
}

/** It waits, perhaps for long. In place, so that all who wait for it share it. */
function own(queued: QueuedFrame): void {
  queued.bytes = ownBytes(queued.bytes);
}

function lengthOf(frame: Frame): number {
  return typeof frame === "string" ? Buffer.byteLength(frame) : frame.byteLength;
}

/** What the peers of one host share. */
export interface UwsPeerContext {
  readonly turns: TurnQueue;
  readonly frames: TurnFrames<QueuedFrame>;
  /** Frames of fewer bytes leave as they are; Infinity without compression. */
  readonly compressFrom: number;
  failed(error: unknown): void;
}

/**
 * One WebSocket of uWS. Its native half is used from `opened` to `closed` and never after (LIFETIMES.md).
 *
 * Frames wait here until the turn of the event loop ends, and are then sent inside one cork. A turn and not a tick,
 * because uWS delivers each message in a tick of its own, and what answers several of them may well go to the same sockets
 * (16 senders, 1 000 receivers: 0.4 instead of 2.3 µs per delivery).
 */
export class UwsPeer implements WebSocketPeer, Flushable {
  waits = 0;
  readonly #context: UwsPeerContext;
  /** Until it is opened: the request hangs on it. */
  #upgrade: (Upgrade & { readonly accept: true }) | undefined;
  readonly #over: (() => void) | undefined;
  #ws: UwsWebSocket<UserData> | undefined;
  #listener: WebSocketListener | undefined;
  #frames: QueuedFrame[] = NONE;
  /** In the places of the frames that they belong to; most have none. */
  #options: SendOptions[] | undefined;
  /** uWS has enough to write for now: what comes waits here, where many peers share the bytes of a frame. */
  #isHeld = false;
  /** Some of it waited here, so uWS may have nothing left to say it of. */
  #owesDrain = false;
  /** Told when nothing is buffered any more. */
  #unsent: (() => void)[] | undefined;
  #frameBytes = 0;
  /** Whether we are inside its `message`. */
  #isReading = false;
  /** Whether we are inside a call that makes uWS report the end before it returns. */
  #isEnding = false;

  /** `over` is called after everything else, when the link is over. */
  constructor(context: UwsPeerContext, upgrade: Upgrade & { readonly accept: true }, over?: () => void) {
    this.#context = context;
    this.#upgrade = upgrade;
    this.#over = over;
  }

  get bufferedAmount(): number {
    return this.#ws ? this.#ws.getBufferedAmount() + this.#frameBytes : 0;
  }

  send(frame: Frame, options?: SendOptions): void {
    const ws = this.#ws;
    if (!ws) return;
    if (this.#isReading && !options && this.#frames.length === 0 && !this.#isHeld) {
      return this.#sendAtOnce(ws, frame);
    }
    if (options) (this.#options ??= [])[this.#frames.length] = options;
    const { turns, frames } = this.#context;
    const queued = frames.of(frame);
    if (this.#isHeld) own(queued);
    this.#frameBytes += queued.bytes.byteLength;
    if (this.#frames.length > 0) this.#frames.push(queued);
    else this.#frames = [queued];
    turns.add(this);
  }

  close(code: number, reason: string): void {
    this.#write(Infinity);
    this.#end((ws) => ws.end(code, reason));
  }

  terminate(): void {
    this.#end((ws) => ws.close());
  }

  /**
   * From inside its `message` uWS holds a cork for all that came with one read, so this costs no write of its own, and
   * nothing that the queue needs: an answer takes 2.9 instead of 3.3 µs.
   */
  #sendAtOnce(ws: UwsWebSocket<UserData>, frame: Frame): void {
    const { compressFrom } = this.#context;
    const isBinary = typeof frame !== "string";
    const compress = compressFrom < Infinity && lengthOf(frame) >= compressFrom;
    if (ws.send(frame, isBinary, compress) === BACKPRESSURE) this.#holdAbove(ws, ENOUGH_BYTES);
  }

  /** Whether uWS has enough for now. */
  #holdAbove(ws: UwsWebSocket<UserData>, enough: number): boolean {
    if (ws.getBufferedAmount() < enough) return false;
    this.#isHeld = true;
    this.#owesDrain = true;
    return true;
  }

  /** Sends what waits, in one write, as long as the peer takes it. */
  flush(): void {
    if (!this.#isHeld) this.#write(ENOUGH_BYTES);
  }

  #write(enough: number): void {
    const ws = this.#ws;
    const frames = this.#frames;
    if (!ws || frames.length === 0) return;
    const options = this.#options;
    this.#frames = NONE;
    this.#options = undefined;
    const sent =
      frames.length === 1
        ? this.#sendNow(ws, frames, options, enough)
        : this.#sendCorked(ws, frames, options, enough);
    if (sent < frames.length) {
      // In front of what somebody may have sent meanwhile.
      const waiting = frames.slice(sent);
      waiting.forEach(own);
      this.#frames = waiting.concat(this.#frames);
      this.#options = options?.slice(sent);
    }
    if (options) this.#tellSent(options.slice(0, sent));
    if (this.#owesDrain && this.bufferedAmount === 0) this.#tellDrained();
  }

  #tellDrained(): void {
    this.#owesDrain = false;
    this.#allSent();
    this.#guard(() => this.#listener?.drain());
  }

  /** In one write. A function of its own, so that a single frame costs no closure. */
  #sendCorked(
    ws: UwsWebSocket<UserData>,
    frames: readonly QueuedFrame[],
    options: readonly SendOptions[] | undefined,
    enough: number,
  ): number {
    let sent = 0;
    ws.cork(() => void (sent = this.#sendNow(ws, frames, options, enough)));
    return sent;
  }

  /** Says how many left. */
  #sendNow(
    ws: UwsWebSocket<UserData>,
    frames: readonly QueuedFrame[],
    options: readonly SendOptions[] | undefined,
    enough: number,
  ): number {
    const { compressFrom } = this.#context;
    let sent = 0;
    for (const { bytes, isBinary } of frames) {
      const isLong = bytes.byteLength >= compressFrom;
      const compress = isLong && options?.[sent]?.compress !== false;
      sent++;
      this.#frameBytes -= bytes.byteLength;
      const result = ws.send(bytes, isBinary, compress);
      if (result === BACKPRESSURE && this.#holdAbove(ws, enough)) break;
    }
    return sent;
  }

  /** uWS says no more than that all has left. */
  #tellSent(options: readonly SendOptions[]): void {
    // Which leaves out the places that are empty.
    options.forEach(({ sent }) => sent && (this.#unsent ??= []).push(sent));
    if (this.bufferedAmount === 0) this.#allSent();
  }

  #allSent(): void {
    const unsent = this.#unsent;
    this.#unsent = undefined;
    if (unsent) for (const sent of unsent) this.#guard(sent);
  }

  /** Called by the host's handlers, as the four that follow. */
  opened(ws: UwsWebSocket<UserData>): void {
    const upgrade = this.#upgrade;
    this.#ws = ws;
    this.#upgrade = undefined;
    this.#guard(() => (this.#listener = upgrade?.open(this)));
    if (!this.#listener) this.terminate();
  }

  message(message: ArrayBuffer, isBinary: boolean): void {
    // uWS takes the memory back when the handler returns: text becomes a string, bytes are copied.
    const frame = isBinary ? Buffer.from(message.slice(0)) : UTF_8.decode(message);
    this.#isReading = true;
    try {
      this.#listener?.message(frame);
    } catch (error) {
      this.#context.failed(error);
    }
    this.#isReading = false;
  }

  drained(): void {
    if (this.#isHeld && this.#ws && this.#ws.getBufferedAmount() < ENOUGH_BYTES) {
      this.#isHeld = false;
      // Not here: what is written from inside its drain handler uWS may never call drained (seen with frames of a megabyte).
      if (this.#frames.length > 0) this.#context.turns.add(this);
    }
    if (this.#ws && this.bufferedAmount === 0) this.#tellDrained();
  }

  closed(code: number, message: string): void {
    this.#ws = undefined;
    this.#frames = NONE;
    this.#options = undefined;
    this.#unsent = undefined;
    const broken = code === NO_CLOSE_FRAME && message !== "" && message !== JUST_GONE;
    const error = broken ? new Error(message) : undefined;
    // Later, if we are inside `close` or `terminate`, or `open` has not returned: on node:http it is never inside.
    if (this.#isEnding || !this.#listener) queueMicrotask(() => this.#tellClosed(code, error));
    else this.#tellClosed(code, error);
  }

  #tellClosed(code: number, error: Error | undefined): void {
    this.#guard(() => this.#listener?.closed(code, error));
    if (this.#over) this.#guard(this.#over);
  }

  #end(end: (ws: UwsWebSocket<UserData>) => void): void {
    const ws = this.#ws;
    if (!ws || this.#isEnding) return;
    this.#isEnding = true;
    end(ws);
    this.#isEnding = false;
  }

  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#context.failed(error);
    }
  }
}
