import { type EventName, RealtimeError } from "@bowline/protocol";
import { isReservedEvent } from "@bowline/protocol/internal";

/** Conditions on one emit. */
export interface SendFlags {
  readonly volatile?: boolean;
  readonly timeoutMs?: number;
  /** Default true, where the transport compresses at all. */
  readonly compress?: boolean;
  /** On this server only. */
  readonly local?: boolean;
  /** For one socket: its answer is given as it is, and not in a list. */
  readonly single?: boolean;
}

/** An event's name, then its arguments. */
export type EventData = readonly [EventName, ...unknown[]];

type AckCallback = (...answer: unknown[]) => void;

/** @throws RealtimeError `reserved_event`, `invalid_argument`: the caller's fault, so at once. */
export function assertEvent(event: unknown): void {
  if (typeof event !== "string" && typeof event !== "number") {
    throw new RealtimeError(
      "invalid_argument",
      `an event's name is a string or a number, not ${typeof event}`,
    );
  }
  if (isReservedEvent(event))
    throw new RealtimeError("reserved_event", `"${event}" is a reserved event name`);
}

/** A function as the last argument is the ack; it does not travel. */
export function takeAck(args: readonly [EventName, ...unknown[]]): {
  readonly data: readonly [EventName, ...unknown[]];
  readonly ack: AckCallback | undefined;
} {
  const last = args.at(-1);
  if (args.length < 2 || typeof last !== "function") return { data: args, ack: undefined };
  const [event, ...rest] = args;
  return { data: [event, ...rest.slice(0, -1)], ack: last as AckCallback };
}

/** What a namespace fires by itself, which no other server may make it fire. */
const NAMESPACE_EVENTS: ReadonlySet<unknown> = new Set(["connect", "connection", "new_namespace"]);

/** @throws RealtimeError `reserved_event` */
export function assertServerSideEvent(event: unknown): void {
  if (NAMESPACE_EVENTS.has(event)) {
    throw new RealtimeError("reserved_event", `"${String(event)}" is a reserved event name`);
  }
}
