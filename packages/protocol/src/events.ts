/**
 * Socket.IO's `any`, in the places where it has one: arguments of events that no map types, `socket.data`,
 * `handshake.auth`, the `data` of errors. Code written for it compiles because of that. This file is the only one
 * to say `any`, and nothing that an event map types becomes one.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- see above
export type Untyped = any;

/**
 * What an event map must be: an interface whose members are the events, each a function of the event's arguments.
 *
 * @example
 * interface ServerToClient {
 *   news: (text: string) => void;
 *   ask: (question: string, answer: (text: string) => void) => void; // the last one is the ack
 * }
 */
export interface EventsMap {
  [event: string]: Untyped;
}

/** For who gives no map: any event with any arguments. */
export interface DefaultEventsMap {
  [event: string]: (...args: Untyped[]) => void;
}

export type EventMap = EventsMap;
export type DefaultEventMap = DefaultEventsMap;

type AnyFunction = (...args: Untyped[]) => unknown;

export type EventNames<Events extends EventMap> = keyof Events & (string | number);

/** The arguments of an event, its ack included. */
// As applications write it themselves, so that a generic function may pass on `Parameters<Events[Event]>`.
export type EventParams<Events extends EventMap, Event extends EventNames<Events>> = Parameters<
  Events[Event]
>;

/** A listener: may be async, and may take fewer arguments than there are. */
export type EventListener<Events extends EventMap, Event extends EventNames<Events>> = (
  ...args: EventParams<Events, Event>
) => unknown;

/** What nobody typed stays so. */
type UntypedOr<Args extends readonly unknown[], Else> = 0 extends 1 & Args[number] ? Untyped : Else;

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
    : UntypedOr<Args, unknown>;

/** Its error is null when all is well, but a callback written for Socket.IO may say `(error: Error, …)` and is taken. */
type AckCallback<Args extends readonly unknown[]> = { bivariant(...args: Args): void }["bivariant"];

/** The arguments with an error put before the ack's answer: what `timeout(ms).emit` takes. */
export type WithAckError<Args extends readonly unknown[]> =
  WithLast<Args> extends [...infer Head, infer Last]
    ? NonNullable<Last> extends (...answer: infer Answer) => unknown
      ? [...Head, AckCallback<[error: Error | null, ...answer: Answer]>]
      : Args
    : Args;

/** The same for a broadcast: every receiver answers. */
export type WithAckErrorOfMany<Args extends readonly unknown[]> =
  WithLast<Args> extends [...infer Head, infer Last]
    ? NonNullable<Last> extends (...answer: infer Answer) => unknown
      ? [...Head, AckCallback<[error: Error | null, answers: FirstOf<Answer>[]]>]
      : Args
    : Args;

type FirstOf<Answer extends readonly unknown[]> = Answer extends readonly [infer First, ...unknown[]]
  ? First
  : unknown;
