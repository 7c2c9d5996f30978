import type { EventPacket } from "@bowline/protocol";
import { type Answer, dispatchEvent, Listeners } from "@bowline/protocol/internal";
import type { Report } from "../options.ts";

export const IN = "in";
export const OUT = "out";

/** The listeners of one socket, and how events get to them. */
export class Inbox {
  readonly events: Listeners = new Listeners();
  /** The listeners of all events, under `IN` and `OUT`. */
  readonly any: Listeners = new Listeners();
  readonly #takeError: Report;

  constructor(report: Report) {
    this.#takeError = report;
  }

  /** An event from the server. */
  deliver({ data }: EventPacket, answer: Answer | undefined): void {
    this.notify(IN, answer ? [...data, answer] : data);
    dispatchEvent(this.events, data, answer, (error) => this.#report(data[0], error));
  }

  /** An event of the socket's own. */
  fire(event: string, ...args: readonly unknown[]): void {
    this.events.dispatch(event, args, (error) => this.#report(event, error));
  }

  notify(direction: typeof IN | typeof OUT, data: readonly unknown[]): void {
    this.any.dispatch(direction, data, (error) => this.#report(String(data[0]), error));
  }

  #report(event: string | number, error: unknown): void {
    this.#takeError(error, { stage: "handler", event });
  }
}
