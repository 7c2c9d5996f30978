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

// No numbers, though the wire has them: what takes an EventEmitter, as `once` of node:events, would not take ours.
export type EventNames<Events extends EventMap> = keyof Events & string;

/** The arguments of an event, its ack included. */
// As applications write it themselves, so that a generic function may pass on `Parameters<Events[Event]>`.
export type EventParams<Events extends EventMap, Event extends EventNames<Events>> = Parameters<
  Events[Event]
>;

/** A listener: may be async, and may take fewer arguments than there are. */
export type EventListener<Events extends EventMap, Event extends EventNames<Events>> = (
  ...args: IsAny<Events[Event]> extends true ? Untyped[] : EventParams<Events, Event>
) => unknown;

/** What may be listened to: the map's events, and those that the emitter fires by itself. */
export type HeardNames<Events extends EventMap, Reserved extends EventMap> =
  | EventNames<Events>
  | EventNames<Reserved>;

/** A listener of one of those; what the emitter fires by itself is typed by it, whatever the map says. */
export type HeardListener<
  Events extends EventMap,
  Reserved extends EventMap,
  Event extends HeardNames<Events, Reserved>,
> =
  Event extends EventNames<Reserved>
    ? EventListener<Reserved, Event>
    : Event extends EventNames<Events>
      ? EventListener<Events, Event>
      : never;

type IsAny<Type> = 0 extends 1 & Type ? true : false;

/** The last argument counts as the ack also where it is optional: `(id: number, ack?: () => void) => void`. */
type WithLast<Args extends readonly unknown[]> = Args extends [...unknown[], unknown] ? Args : Required<Args>;

/** The ack among the arguments: `never` where there is none, `Untyped` where nobody typed them. */
type AckOf<Args extends readonly unknown[]> =
  WithLast<Args> extends [...unknown[], infer Last]
    ? NonNullable<Last> extends AnyFunction
      ? NonNullable<Last>
      : never
    : unknown extends Args[number]
      ? Untyped
      : never;

/** The events that can be answered. */
export type EventNamesWithAck<Events extends EventMap> = EventNames<Events> &
  {
    [Event in EventNames<Events>]: [AckOf<EventParams<Events, Event>>] extends [never] ? never : Event;
  }[EventNames<Events>];

/** The events that need not be answered: what can be told to many without waiting for them. */
export type EventNamesWithoutAck<Events extends EventMap> = EventNames<Events> &
  {
    [Event in EventNames<Events>]: NeedsAck<EventParams<Events, Event>> extends true ? never : Event;
  }[EventNames<Events>];

type NeedsAck<Args extends readonly unknown[]> = Args extends [...unknown[], infer Last]
  ? IsAny<Last> extends true
    ? false
    : Last extends AnyFunction
      ? true
      : false
  : false;

/** All but the ack: what `emitWithAck` takes. */
export type AllButAck<Args extends readonly unknown[]> =
  WithLast<Args> extends [...infer Head, infer Last]
    ? NonNullable<Last> extends AnyFunction
      ? Head
      : Args
    : Args;

/** What the ack's callback is called with, without the error of a map that is written for `timeout(ms)`. */
type AnswerOf<Ack> = Ack extends (...answer: infer Answer) => unknown
  ? Answer extends readonly [infer First, ...infer Rest]
    ? IsError<First> extends true
      ? Rest
      : Answer
    : Answer
  : never;

type IsError<Type> =
  IsAny<Type> extends true ? false : [Type] extends [Error | null | undefined] ? true : false;

type FirstOf<Answer extends readonly unknown[]> = Answer extends readonly [infer First, ...unknown[]]
  ? First
  : Answer extends readonly []
    ? undefined
    : unknown;

/** What `emitWithAck` resolves with: the first of the answer's arguments. */
export type AckAnswer<Args extends readonly unknown[]> = [AckOf<Args>] extends [never]
  ? unknown
  : IsAny<AckOf<Args>> extends true
    ? Untyped
    : FirstOf<AnswerOf<AckOf<Args>>>;

/** Its error is null when all is well, but a callback written for Socket.IO may say `(error: Error, …)` and is taken. */
type AckCallback<Args extends readonly unknown[]> = { bivariant(...args: Args): void }["bivariant"];

/** The arguments with an error put before the ack's answer: what `timeout(ms).emit` takes. */
export type WithAckError<Args extends readonly unknown[]> =
  WithLast<Args> extends [...infer Head, infer Last]
    ? NonNullable<Last> extends AnyFunction
      ? [...Head, AckCallback<[error: Error | null, ...answer: AnswerOf<NonNullable<Last>>]>]
      : Args
    : Args;

/** The same for a broadcast: every receiver answers. */
export type WithAckErrorOfMany<Args extends readonly unknown[]> =
  WithLast<Args> extends [...infer Head, infer Last]
    ? NonNullable<Last> extends AnyFunction
      ? [...Head, AckCallback<[error: Error | null, answers: FirstOf<AnswerOf<NonNullable<Last>>>[]]>]
      : Args
    : Args;
