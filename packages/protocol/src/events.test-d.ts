import { describe, expectTypeOf, it } from "vitest";
import type {
  AckAnswer,
  AllButAck,
  DefaultEventsMap,
  EventListener,
  EventMap,
  EventNames,
  EventNamesWithAck,
  EventNamesWithoutAck,
  EventParams,
  EventsMap,
  WithAckError,
  WithAckErrorOfMany,
} from "./events.ts";

interface Chat {
  news: (text: string, at: number) => void;
  ping: () => void;
  ask: (question: string, answer: (text: string, sure: boolean) => void) => void;
  poke: (done: () => void) => void;
  save: (id: number, options?: { force: boolean }) => void;
  maybe: (id: number, answer?: (ok: boolean) => void) => void;
  rest: (...words: string[]) => void;
  7: (n: 1 | 2) => void;
}

/** The shape of `emit` and `emitWithAck` as the packages write them. */
declare function emit<Events extends EventMap, Event extends EventNames<Events>>(
  events: Events,
  event: Event,
  ...args: EventParams<Events, Event>
): void;
declare function emitWithAck<Events extends EventMap, Event extends EventNames<Events>>(
  events: Events,
  event: Event,
  ...args: AllButAck<EventParams<Events, Event>>
): Promise<AckAnswer<EventParams<Events, Event>>>;
declare function on<Events extends EventMap, Event extends EventNames<Events>>(
  events: Events,
  event: Event,
  listener: EventListener<Events, Event>,
): void;
declare const chat: Chat;
declare const anything: DefaultEventsMap;

describe("event maps", () => {
  it("[P4] names and arguments come from an interface", () => {
    expectTypeOf<EventNames<Chat>>().toEqualTypeOf<
      "news" | "ping" | "ask" | "poke" | "save" | "maybe" | "rest"
    >();
    expectTypeOf<EventParams<Chat, "news">>().toEqualTypeOf<[text: string, at: number]>();
    expectTypeOf<EventParams<Chat, "ping">>().toEqualTypeOf<[]>();
    expectTypeOf<EventParams<Chat, "save">>().toEqualTypeOf<
      [id: number, options?: { force: boolean } | undefined]
    >();
    expectTypeOf<EventParams<Chat, "rest">>().toEqualTypeOf<string[]>();
    // @ts-expect-error names are strings
    expectTypeOf<EventParams<Chat, 7>>().toBeNever();
  });

  it("[P4] an ack is the last argument, when it is a function", () => {
    expectTypeOf<AllButAck<EventParams<Chat, "ask">>>().toEqualTypeOf<[question: string]>();
    expectTypeOf<AllButAck<EventParams<Chat, "poke">>>().toEqualTypeOf<[]>();
    expectTypeOf<AllButAck<EventParams<Chat, "news">>>().toEqualTypeOf<[text: string, at: number]>();
    expectTypeOf<AckAnswer<EventParams<Chat, "ask">>>().toEqualTypeOf<string>();
    expectTypeOf<AckAnswer<EventParams<Chat, "poke">>>().toEqualTypeOf<undefined>();
    expectTypeOf<EventNamesWithAck<Chat>>().toEqualTypeOf<"ask" | "poke" | "maybe">();
    expectTypeOf<EventNamesWithoutAck<Chat>>().toEqualTypeOf<"news" | "ping" | "save" | "maybe" | "rest">();
    expectTypeOf<AckAnswer<EventParams<Chat, "news">>>().toEqualTypeOf<unknown>();
  });

  it("[P4] an optional last function is an ack too; other optional arguments and rests are not", () => {
    expectTypeOf<AllButAck<EventParams<Chat, "maybe">>>().toEqualTypeOf<[id: number]>();
    expectTypeOf<AckAnswer<EventParams<Chat, "maybe">>>().toEqualTypeOf<boolean>();
    expectTypeOf<AllButAck<EventParams<Chat, "save">>>().toEqualTypeOf<EventParams<Chat, "save">>();
    expectTypeOf<AllButAck<EventParams<Chat, "rest">>>().toEqualTypeOf<string[]>();
    expectTypeOf<WithAckError<EventParams<Chat, "maybe">>>().toEqualTypeOf<
      [id: number, (error: Error | null, ok: boolean) => void]
    >();
  });

  it("[P4] with a timeout an error comes before the answer", () => {
    expectTypeOf<WithAckError<EventParams<Chat, "ask">>>().toEqualTypeOf<
      [question: string, (error: Error | null, text: string, sure: boolean) => void]
    >();
    expectTypeOf<WithAckError<EventParams<Chat, "news">>>().toEqualTypeOf<[text: string, at: number]>();
    expectTypeOf<WithAckErrorOfMany<EventParams<Chat, "ask">>>().toEqualTypeOf<
      [question: string, (error: Error | null, answers: string[]) => void]
    >();
  });

  it("[P4] emit takes what the map says and no more", () => {
    emit(chat, "news", "text", 1);
    emit(chat, "save", 1);
    emit(chat, "save", 1, { force: true });
    emit(chat, "rest", "a", "b");
    // @ts-expect-error the second argument is a number
    emit(chat, "news", "text", "1");
    // @ts-expect-error an argument lacks
    emit(chat, "news", "text");
    // @ts-expect-error one too many
    emit(chat, "ping", 1);
    // @ts-expect-error there is no such event
    emit(chat, "neus", "text", 1);
    expectTypeOf(emitWithAck(chat, "ask", "why?")).toEqualTypeOf<Promise<string>>();
    // @ts-expect-error the ack is what emitWithAck adds
    void emitWithAck(chat, "ask", "why?", () => undefined);
  });

  it("[P4] listeners are typed, may take fewer arguments, and may be async", () => {
    on(chat, "ask", (question, answer) => {
      expectTypeOf(question).toEqualTypeOf<string>();
      expectTypeOf(answer).toEqualTypeOf<(text: string, sure: boolean) => void>();
    });
    on(chat, "ask", async () => Promise.resolve());
    on(chat, "news", (text: string) => void text);
    // @ts-expect-error the first argument is a string
    on(chat, "news", (text: { a: 1 }) => void text);
  });

  it("[P5] without a map every event is taken, with any arguments", () => {
    emit(anything, "whatever", 1, "a", {}, () => undefined);
    on(anything, "whatever", (text: string, count: number, done: (ok: boolean) => void) =>
      done(text.length === count),
    );
    on(anything, "whatever", (first) => first.trim());
    on(anything, "whatever", async (first) => Promise.resolve(first.id));
    expectTypeOf(emitWithAck(anything, "whatever", 1, "a")).resolves.toBeAny();
    expectTypeOf<EventNamesWithAck<DefaultEventsMap>>().toEqualTypeOf<string>();
    expectTypeOf<EventNamesWithoutAck<DefaultEventsMap>>().toEqualTypeOf<string>();
    expectTypeOf<EventNamesWithAck<EventsMap>>().toEqualTypeOf<string>();
    expectTypeOf<AckAnswer<EventParams<EventsMap, string>>>().toBeAny();
  });

  it("[P4] no `any` leaks into what a map types", () => {
    expectTypeOf<AckAnswer<EventParams<Chat, "news">>>().not.toBeAny();
    expectTypeOf<AckAnswer<EventParams<Chat, "ask">>>().not.toBeAny();
    expectTypeOf<EventParams<Chat, "save">[1]>().not.toBeAny();
    expectTypeOf<WithAckErrorOfMany<EventParams<Chat, "ask">>[1]>().not.toBeAny();
    expectTypeOf<Parameters<EventListener<Chat, "ask">>[0]>().not.toBeAny();
    expectTypeOf<EventNames<Chat>>().not.toBeAny();
  });

  it("[P4] an error that the map itself puts before the answer is no part of the answer", () => {
    type Args = [id: number, done: (error: Error, ok: boolean) => void];
    expectTypeOf<AckAnswer<Args>>().toEqualTypeOf<boolean>();
    expectTypeOf<WithAckError<Args>>().toEqualTypeOf<
      [id: number, (error: Error | null, ok: boolean) => void]
    >();
  });

  it("[P4] a callback written for Socket.IO may take an Error where we say that it may be null", () => {
    const callback: (error: Error, text: string) => void = () => undefined;
    const args: WithAckError<EventParams<Chat, "ask">> = ["why?", callback];
    void args;
    // @ts-expect-error the answer is a string
    const wrong: WithAckError<EventParams<Chat, "ask">> = ["why?", (_error: Error, n: number) => n];
    void wrong;
  });

  it("[P4] a map of 200 events compiles", () => {
    type Digit = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
    type Large = {
      [Name in `event${0 | 1}${Digit}${Digit}`]: (name: Name, n: number, ack: (back: Name) => void) => void;
    };
    const large = {} as Large;
    expectTypeOf<EventParams<Large, "event142">>().toEqualTypeOf<
      [name: "event142", n: number, ack: (back: "event142") => void]
    >();
    emit(large, "event199", "event199", 1, () => undefined);
    expectTypeOf(emitWithAck(large, "event000", "event000", 1)).toEqualTypeOf<Promise<"event000">>();
    on(large, "event007", (name, n, ack) => {
      expectTypeOf(n).toEqualTypeOf<number>();
      ack(name);
    });
    // @ts-expect-error there are 200
    emit(large, "event200", "event200", 1, () => undefined);
  });
});
