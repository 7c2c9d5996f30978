import type { Clock, Timer } from "@bowline/protocol/internal";

export interface HeartbeatTimes {
  /** From the opening, or the last pong, to the next ping. */
  readonly pingIntervalMs: number;
  /** How long an answer may take. */
  readonly pingTimeoutMs: number;
}

/** What has a heartbeat: a session. */
export interface Beating {
  /** Time to ask the peer whether it is there. */
  ping(): void;
  /** It did not answer in time. */
  dead(): void;
}

/** Between two looks lies at least this part of the shorter time, and at most this long: many sessions share a look. */
const LOOKS_PER_TIME = 80;
const COARSEST_MS = 250;
/** Timers fire up to so much early; who is due by then is due, or the next look would come a whole wait late. */
const TIMER_GRAIN_MS = 1;
/** A look that is later than such a part of the shorter time shows that the process stood still, not the peers. */
const STALLS_PER_TIME = 4;

/**
 * The heartbeats of all sessions with one timer (SPEC E6, E8), which runs only while there are sessions.
 *
 *     idle ── pingInterval ──► ping, asked ── pingTimeout ──► dead
 *       ▲───────── pong ──────────┘
 *
 * All waits in a queue are equally long, so each stands in the order of its due times and a look ends at the first that
 * is not due. A pong that nobody asked for changes nothing: it cannot hold a dead session alive. Sessions see to it that
 * other traffic puts an end off once for each ping, and no more.
 */
export class Heartbeats {
  readonly #clock: Clock;
  readonly #times: HeartbeatTimes;
  readonly #leastWaitMs: number;
  readonly #stallMs: number;
  readonly #idle = new Map<Beating, number>();
  readonly #asked = new Map<Beating, number>();
  #timer: Timer | undefined;
  #wakeAt = 0;
  #stalled = false;

  constructor(clock: Clock, times: HeartbeatTimes) {
    this.#clock = clock;
    this.#times = times;
    const shorter = Math.min(times.pingIntervalMs, times.pingTimeoutMs);
    this.#leastWaitMs = Math.min(COARSEST_MS, shorter / LOOKS_PER_TIME);
    this.#stallMs = Math.min(COARSEST_MS, shorter / STALLS_PER_TIME);
  }

  add(session: Beating): void {
    const dueAt = this.#clock.now() + this.#times.pingIntervalMs;
    this.#idle.set(session, dueAt);
    // The timer may stand for an answer that was due later than this.
    if (this.#timer === undefined || dueAt < this.#wakeAt) this.#arm();
  }

  pong(session: Beating): void {
    if (this.#asked.delete(session)) this.add(session);
  }

  /** Something else came while its pong is awaited: it is there, and what it has to say may stand before the pong. */
  heard(session: Beating): void {
    if (this.#asked.delete(session)) this.#asked.set(session, this.#clock.now() + this.#times.pingTimeoutMs);
  }

  remove(session: Beating): void {
    this.#idle.delete(session);
    this.#asked.delete(session);
    if (this.#idle.size + this.#asked.size === 0) this.#disarm();
  }

  /** Nobody is looked at any more. */
  stop(): void {
    this.#idle.clear();
    this.#asked.clear();
    this.#disarm();
  }

  #arm(leastWaitMs = 0): void {
    this.#disarm();
    const next = Math.min(firstDue(this.#idle), firstDue(this.#asked));
    if (next === Infinity) return;
    const now = this.#clock.now();
    const waitMs = Math.max(next - now, leastWaitMs);
    this.#wakeAt = now + waitMs;
    this.#timer = this.#clock.setTimer(() => this.#look(), waitMs);
  }

  #disarm(): void {
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const now = this.#clock.now();
    // The pongs that came while this process stood still lie unread in the sockets. They are read before anybody is
    // judged; but only once in a row, for a process that is always late has to judge as well.
    this.#stalled = !this.#stalled && now - this.#wakeAt > this.#stallMs;
    if (!this.#stalled) this.#beat(now);
    this.#arm(this.#leastWaitMs);
  }

  #beat(now: number): void {
    for (const session of takeDue(this.#asked, now)) session.dead();
    for (const session of takeDue(this.#idle, now)) {
      // Before the ping: to send it can end the session, which then takes itself out.
      this.#asked.set(session, now + this.#times.pingTimeoutMs);
      session.ping();
    }
  }
}

function firstDue(queue: ReadonlyMap<Beating, number>): number {
  for (const dueAt of queue.values()) return dueAt;
  return Infinity;
}

/** One by one, because what happens to one session can end the next, which then must not be touched. */
function* takeDue(queue: Map<Beating, number>, now: number): Generator<Beating> {
  for (const [session, dueAt] of queue) {
    if (dueAt > now + TIMER_GRAIN_MS) return;
    queue.delete(session);
    yield session;
  }
}
