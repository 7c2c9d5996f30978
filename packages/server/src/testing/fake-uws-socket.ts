import type { UwsBehavior, UwsBytes, UwsWebSocket } from "../host/uws-api.ts";
import { type Lifetimes, lend } from "./lifetimes.ts";

export type FakeFrame = string | Uint8Array;

/** One WebSocket of `FakeUwsApp`: the client's side and, as `UwsWebSocket`, the server's. */
export class FakeUwsClient implements UwsWebSocket<object> {
  /** What arrived, in writes: frames that were sent in one cork came together. */
  readonly writes: FakeFrame[][] = [];
  /** The code the server closed with, 1006 when it cut. */
  closedByServer: number | undefined;
  /** What `getBufferedAmount` says; set it to play a slow reader. */
  buffered = 0;
  /** Reads nothing: what is sent counts as buffered until it catches up. */
  isStalled = false;
  readonly #lifetimes: Lifetimes;
  readonly #behavior: UwsBehavior<object>;
  readonly #userData: object;
  #isOpen = true;
  #corked: FakeFrame[] | undefined;

  constructor(lifetimes: Lifetimes, behavior: UwsBehavior<object>, userData: object) {
    this.#lifetimes = lifetimes;
    this.#behavior = behavior;
    this.#userData = userData;
  }

  get frames(): FakeFrame[] {
    return this.writes.flat();
  }

  open(): void {
    this.#guarded(() => this.#behavior.open?.(this));
  }

  // ---- the client's side

  /** Text or bytes; the memory is taken back when the callback returns. */
  say(frame: FakeFrame): void {
    if (!this.#isOpen) return;
    const isBinary = typeof frame !== "string";
    lend(Buffer.from(frame), (memory) =>
      this.#guarded(() => this.#behavior.message?.(this, memory, isBinary)),
    );
  }

  /** Reads all that waited. */
  catchUp(): void {
    this.isStalled = false;
    this.buffered = 0;
    if (this.#isOpen) this.#guarded(() => this.#behavior.drain?.(this));
  }

  leave(code: number): void {
    this.#end(code, "");
  }

  /** Breaks a rule, or the link breaks. */
  drop(why = ""): void {
    this.#end(1006, why);
  }

  // ---- UwsWebSocket

  send(message: UwsBytes, isBinary = false): number {
    this.#assertAlive("send");
    const bytes = Buffer.from(message as Uint8Array);
    const frame = isBinary ? new Uint8Array(bytes) : bytes.toString("utf8");
    if (this.#corked) this.#corked.push(frame);
    else this.writes.push([frame]);
    if (!this.isStalled) return 1;
    this.buffered += bytes.byteLength;
    return 0;
  }

  getBufferedAmount(): number {
    this.#assertAlive("getBufferedAmount");
    return this.buffered;
  }

  end(code = 1005, _reason?: UwsBytes): void {
    this.#assertAlive("end");
    this.closedByServer = code;
    this.#end(code, "");
  }

  close(): void {
    this.#assertAlive("close");
    this.closedByServer = 1006;
    this.#end(1006, "");
  }

  cork(write: () => void): this {
    this.#assertAlive("cork");
    this.#corked = [];
    write();
    this.writes.push(this.#corked);
    this.#corked = undefined;
    return this;
  }

  getUserData(): object {
    return this.#userData;
  }

  /** The real one reports the end before `end` or `close` returns. */
  #end(code: number, reason: string): void {
    if (!this.#isOpen) return;
    lend(Buffer.from(reason), (memory) => {
      // Dead already for whoever sends from within the handler.
      this.#isOpen = false;
      this.#guarded(() => this.#behavior.close?.(this, code, memory));
    });
  }

  #assertAlive(method: string): void {
    if (this.#isOpen) return;
    this.#lifetimes.violations.push(`ws.${method} after its close`);
    throw new Error(`ws.${method} after its close`);
  }

  #guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#lifetimes.violations.push(`thrown through a native callback: ${String(error)}`);
    }
  }
}
