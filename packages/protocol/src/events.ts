/**
 * Event maps: an interface whose members are the events, each a function of the event's arguments.
 *
 * @example
 * interface ServerToClient {
 *   news: (text: string) => void;
 *   ask: (question: string, answer: (text: string) => void) => void; // the last one is the ack
 * }
 */
export type EventMap = object;

type AnyFunction = { bivariant(...args: readonly unknown[]): unknown }["bivariant"];

/** For who gives no map: any event, arguments unknown until they are looked at. */
export interface DefaultEventMap {
  [event: string]: AnyFunction;
}

export type EventNames<Events extends EventMap> = keyof Events & (string | number);

/** The arguments of an event, its ack included. */
export type EventParams<Events extends EventMap, Event extends EventNames<Events>> = Events[Event] extends (
  ...args: infer Args
) => unknown
  ? Args extends readonly unknown[]
    ? [...Args]
    : unknown[]
  : unknown[];

/** A listener: may be async, and may take fewer arguments than there are. */
export type EventListener<Events extends EventMap, Event extends EventNames<Events>> = {
  bivariant(...args: EventParams<Events, Event>): unknown;
}["bivariant"];

/** The last argument counts as the ack also where it is optional: `(id: number, ack?: () => void) => void`. */
type WithLast<Args extends readonly unknown[]> = Args extends [...unknown[], unknown] ? Args : Required<Args>;

/** All but the last: what `emitWithAck` takes. */
export type AllButAck<Args extends readonly unknown[]> =
  WithLast<Args> extends [...infer Head, infer Last]
    ? NonNullable<Last> extends AnyFunction
      ? Head
      : Args
    : Args;

/** What the ack's callback is called with first: what `emitWithAck` resolves with. */
export type AckAnswer<Args extends readonly unknown[]> =
  WithLast<Args> extends [...unknown[], infer Last]
    ? NonNullable<Last> extends (...answer: infer Answer) => unknown
      ? Answer extends readonly [infer First, ...unknown[]]
        ? First
        : Answer extends readonly []
          ? undefined
          : unknown
      : unknown
    : unknown;

/** The arguments with an error put before the ack's answer: what `timeout(ms).emit` takes. */
export type WithAckError<Args extends readonly unknown[]> =
  WithLast<Args> extends [...infer Head, infer Last]
    ? NonNullable<Last> extends (...answer: infer Answer) => unknown
      ? [...Head, (error: Error | null, ...answer: Answer) => void]
      : Args
    : Args;

/** The same for a broadcast: every receiver answers. */
export type WithAckErrorOfMany<Args extends readonly unknown[]> =
  WithLast<Args> extends [...infer Head, infer Last]
    ? NonNullable<Last> extends (...answer: infer Answer) => unknown
      ? [...Head, (error: Error | null, answers: FirstOf<Answer>[]) => void]
      : Args
    : Args;

type FirstOf<Answer extends readonly unknown[]> = Answer extends readonly [infer First, ...unknown[]]
  ? First
  : unknown;
