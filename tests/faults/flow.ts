import type { Socket } from "node:net";
import { isWholeAnswer } from "./answer-end.ts";

/** So many bytes may pass, over however many flows share it; then something happens. */
export class Allowance {
  #left: number;
  readonly #spent: () => void;

  constructor(bytes: number, spent: () => void) {
    this.#left = bytes;
    this.#spent = spent;
  }

  /** How many of so many may pass. */
  take(wanted: number): number {
    const taken = Math.min(wanted, this.#left);
    this.#left -= taken;
    return taken;
  }

  get isSpent(): boolean {
    return this.#left === 0;
  }

  spent(): void {
    this.#spent();
  }
}

/** What a proxy that buffers waits for: so many bytes, or the end of the answer. */
export interface Buffering {
  readonly bytes: number;
}

/** `open`; `frozen` keeps all and tells nothing; `over` after a cut. */
type State = "open" | { readonly frozen: Buffer[] } | "over";

/**
 * One direction of a link: what one end sent on its way to the other. In the order in which it happens to bytes: held by a
 * freeze, delayed, buffered, counted.
 */
export class Flow {
  readonly #source: Socket;
  readonly #target: Socket;
  #state: State = "open";
  /** The sender said that it is done, while frozen. */
  #hasEnded = false;
  #delayMs = 0;
  #buffering: Buffering | undefined;
  #stored: Buffer[] = [];
  #storedBytes = 0;
  #allowances: Allowance[] = [];
  #isStalled = false;
  /** Bytes that went through. */
  passed = 0;

  constructor(source: Socket, target: Socket) {
    this.#source = source;
    this.#target = target;
    target.on("drain", () => this.#isStalled || source.resume());
  }

  push(bytes: Buffer): void {
    if (typeof this.#state === "object") this.#state.frozen.push(bytes);
    else if (this.#state === "open") this.#later(() => this.#store(bytes));
  }

  /** The sender is done. */
  end(): void {
    this.#hasEnded = true;
    if (this.#state === "open") this.#later(() => this.#end());
  }

  /** From now on nothing arrives, and the receiver is not told. */
  freeze(): void {
    if (this.#state === "open") this.#state = { frozen: [] };
  }

  get isFrozen(): boolean {
    return typeof this.#state === "object";
  }

  /** What was sent since the freeze arrives, and it goes on. */
  heal(): void {
    if (typeof this.#state !== "object") return;
    const { frozen } = this.#state;
    this.#state = "open";
    for (const bytes of frozen) this.push(bytes);
    if (this.#hasEnded) this.end();
  }

  /** Everything from now on comes so much later. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** The sender's bytes are not read any more, until `false`: its own buffers fill. */
  stall(isStalled = true): void {
    this.#isStalled = isStalled;
    if (isStalled) this.#source.pause();
    else this.#source.resume();
  }

  buffer(buffering: Buffering | undefined): void {
    this.#buffering = buffering;
    if (!buffering) this.#release();
  }

  allow(allowance: Allowance): void {
    if (allowance.isSpent) allowance.spent();
    else this.#allowances.push(allowance);
  }

  /** Nothing passes any more, whatever still comes. */
  stop(): void {
    this.#state = "over";
    this.#stored = [];
  }

  /** Timers of one delay run in the order in which they were set. */
  #later(run: () => void): void {
    if (this.#delayMs > 0) setTimeout(run, this.#delayMs);
    else run();
  }

  #store(bytes: Buffer): void {
    if (!this.#buffering) return this.#pass(bytes);
    this.#stored.push(bytes);
    this.#storedBytes += bytes.length;
    if (this.#storedBytes >= this.#buffering.bytes || isWholeAnswer(this.#stored)) this.#release();
  }

  #release(): void {
    const stored = this.#stored;
    this.#stored = [];
    this.#storedBytes = 0;
    for (const bytes of stored) this.#pass(bytes);
  }

  #end(): void {
    this.#release();
    if (this.#state !== "over") this.#target.end();
  }

  #pass(bytes: Buffer): void {
    if (this.#state === "over") return;
    let count = bytes.length;
    let spent: Allowance | undefined;
    for (const allowance of this.#allowances) {
      const taken = allowance.take(count);
      if (allowance.isSpent) spent ??= allowance;
      count = Math.min(count, taken);
    }
    this.passed += count;
    if (!spent) {
      if (!this.#target.write(bytes)) this.#source.pause();
      return;
    }
    this.stop();
    // What passed still arrives: with the system, before anything else happens.
    this.#target.write(bytes.subarray(0, count), () => spent.spent());
  }
}
