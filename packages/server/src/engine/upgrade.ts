import type { CloseReason, EnginePacket } from "@bowline/protocol";
import type { Clock, Timer } from "@bowline/protocol/internal";
import { debug } from "./debug.ts";
import type { Transport, TransportListener } from "./transport.ts";

/** How often a waiting poll is released, so that the peer, which may have begun a new one, gets to pause. */
const RELEASE_EVERY_MS = 100;

const PROBE_ANSWER: EnginePacket = { type: "pong", data: "probe" };

export interface UpgradeParts {
  readonly from: Transport;
  readonly to: Transport;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** The peer asked whether `to` works. */
  probed(): void;
  /** The peer asked to go over to `to`, and will not poll any more. */
  switched(): void;
  /** `from` goes on as if nothing had been. */
  failed(): void;
}

type State =
  /** The WebSocket stands; the peer has not asked anything. */
  | { readonly name: "opened"; readonly timeout: Timer }
  /** It asked, was answered, and is pausing its polls. */
  | { readonly name: "probed"; readonly timeout: Timer; readonly release: Timer | undefined }
  | { readonly name: "done" };

const NEXT: Readonly<Record<State["name"], readonly State["name"][]>> = {
  opened: ["probed", "done"],
  probed: ["probed", "done"],
  done: [],
};

/**
 * From polling, or server-sent events, to a WebSocket without losing, doubling or reordering a packet (SPEC E15 to E18,
 * V12).
 *
 *     peer (WebSocket) ── 2probe ─►
 *                      ◄─ 3probe ──   and "6" to the waiting poll, at once and every 100 ms
 *     peer pauses: its last POST is answered, and its last poll
 *                      ── 5 ──────►   what polling did not send leaves on the WebSocket, then all that is new;
 *                                     a stream sends what it has, then "6", and ends
 *
 *     opened ─2probe─► probed ─5─► done (switched)
 *        └── anything else, time, link ──┴──► done (failed): the WebSocket closes, polling is untouched
 */
export class Upgrade implements TransportListener {
  readonly #parts: UpgradeParts;
  #state: State;

  constructor(parts: UpgradeParts) {
    this.#parts = parts;
    this.#state = {
      name: "opened",
      timeout: parts.clock.setTimer(() => this.cancel("timeout"), parts.timeoutMs),
    };
    parts.to.listener = this;
  }

  packet(packet: EnginePacket): void {
    if (this.#state.name === "done") return;
    if (packet.type === "ping" && packet.data === "probe") this.#answerProbe(this.#state.timeout);
    else if (packet.type === "upgrade" && this.#state.name === "probed") this.#finish();
    else this.cancel(`unexpected ${packet.type}`);
  }

  drain(): void {}

  closed(reason: CloseReason): void {
    this.#fail(reason);
  }

  /** The session is over, or the peer did what it may not. */
  cancel(why: string): void {
    if (!this.#fail(why)) return;
    this.#parts.to.close();
  }

  #answerProbe(timeout: Timer): void {
    this.#parts.to.send(PROBE_ANSWER);
    this.#parts.probed();
    if (this.#state.name === "done") return;
    this.#release(timeout);
  }

  /** Again and again, because the peer may have begun to wait anew. */
  #release(timeout: Timer): void {
    const { from, clock } = this.#parts;
    from.release?.();
    // A peer that waits for nothing need not be released.
    const release = from.release && clock.setTimer(() => this.#release(timeout), RELEASE_EVERY_MS);
    this.#enter({ name: "probed", timeout, release });
  }

  #finish(): void {
    this.#enter({ name: "done" });
    this.#parts.switched();
  }

  #fail(why: string): boolean {
    if (this.#state.name === "done") return false;
    debug("upgrade failed: %s", why);
    this.#enter({ name: "done" });
    this.#parts.failed();
    return true;
  }

  #enter(next: State): void {
    const last = this.#state;
    if (!NEXT[last.name].includes(next.name)) throw new Error(`upgrade: ${last.name} -> ${next.name}`);
    if (last.name === "probed") this.#parts.clock.clearTimer(last.release);
    if (last.name !== "done" && next.name === "done") this.#parts.clock.clearTimer(last.timeout);
    this.#state = next;
  }
}
