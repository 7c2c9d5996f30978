const AT_MOST = 64;
const WITHIN_MS = 1_000;
const LOOK_EVERY_MS = 50;

/** Those who got something that they did not confirm, the one that waits longest first. */
const waiting = new Set<Confirmations>();

setInterval(() => {
  const now = performance.now();
  for (const one of waiting) {
    if (one.since + WITHIN_MS > now) break;
    one.confirm();
  }
}, LOOK_EVERY_MS).unref();

/** What a client with resumption says of what came: after 64 events, or a second, or when it is asked (SPEC U9, U45). */
export class Confirmations {
  readonly #send: (packet: string) => void;
  #received = 0;
  #confirmed = 0;
  since = 0;

  constructor(send: (packet: string) => void) {
    this.#send = send;
  }

  count(): void {
    this.#received += 1;
    const open = this.#received - this.#confirmed;
    if (open >= AT_MOST) this.confirm();
    else if (open === 1) {
      this.since = performance.now();
      waiting.add(this);
    }
  }

  confirm(): void {
    waiting.delete(this);
    this.#confirmed = this.#received;
    this.#send(`42["$","a",${this.#received}]`);
  }

  stop(): void {
    waiting.delete(this);
  }
}
