import type { EnginePacket, Handshake } from "@bowline/protocol";
import type { Timer } from "@bowline/protocol/internal";
import { type EngineOptions, LONGEST_DELAY } from "./engine-options.ts";
import { HttpTransport } from "./transport-http.ts";
import { WebSocketTransport } from "./transport-websocket.ts";
import {
  type End,
  end,
  nothing,
  parseOpen,
  type Transport,
  type TransportListener,
  type TransportName,
  type UnderWay,
} from "./transport.ts";
import { recallWay, rememberWay } from "./way.ts";

/** A stream has more: something must follow the handshake, which the server sends after 100 ms. */
const STREAM_HEAD_START_MS = 1000;
const LONGEST_HEAD_START_MS = 1000;

/** What the race is for: the session. */
export interface Opening extends TransportListener {
  /** The last that was started, then the one that won. */
  transport: Transport;
  /** Whether all the others had failed. */
  isLast: boolean;
  /** The server shook hands. */
  opened(handshake: Handshake): void;
  /** None of them did; the description tells what became of each. */
  readonly lose: End;
}

/**
 * Lets the transports race: the first starts alone, the next one when it has failed, or has not opened within its head
 * start, and so on. The first on which the server shakes hands wins. All together have `timeout`; once one fails when
 * none is left to start, the others have `transportTimeout`. Nothing reaches the session once it is cancelled,
 * nor before this returned.
 */
export function openTransport(options: EngineOptions, session: Opening): UnderWay {
  const { env, headStart, timeout, transportTimeout } = options;
  const [until, tookMs, ...order] = recallWay(options);
  const left = [...order];
  const racing = new Set<Transport>();
  const failures: string[] = [];
  let step: Timer | undefined;

  const next = (): void => {
    const name = left.shift() as TransportName;
    const startedAt = env.wallClock();
    const receive = (packet: EnginePacket): void => {
      const handshake = parseOpen(packet);
      racing.delete(transport);
      stop((other) => drop(other, options));
      const others = order.filter((each) => each !== name);
      rememberWay(options, until, env.wallClock() - startedAt, name, ...others);
      session.transport = transport;
      session.isLast = failures.length === others.length;
      session.opened(handshake);
    };
    const lose: End = (_reason, description, context) => {
      racing.delete(transport);
      failures.push(`${name}: ${description}`);
      env.clearTimer(step);
      if (left.length > 0) next();
      else if (racing.size > 0) step = failAfter(transportTimeout);
      else session.lose("transport error", failures.join("; "), context);
    };
    const listener = { receive, drain: nothing, lose };
    const transport: Transport =
      name === "websocket"
        ? new WebSocketTransport(options, listener)
        : new HttpTransport(options, name, listener);
    racing.add(transport);
    session.transport = transport;
    env.clearTimer(step);
    if (left.length > 0)
      step = env.setTimer(
        next,
        name === "sse"
          ? STREAM_HEAD_START_MS
          : Math.max(headStart, Math.min(2 * tookMs, LONGEST_HEAD_START_MS)),
      );
  };
  const failAfter = (ms: number): Timer =>
    env.setTimer(() => {
      left.length = 0;
      for (const each of racing) end(each, "transport error", `no answer within ${ms} ms`);
    }, ms);
  const limit = failAfter(timeout || LONGEST_DELAY);
  const stop = (how: (transport: Transport) => void): void => {
    env.clearTimer(limit);
    env.clearTimer(step);
    racing.forEach(how);
  };
  next();
  return { cancel: () => stop((transport) => transport.close()) };
}

/** What lost the race. */
function drop(transport: Transport, { env, transportTimeout }: EngineOptions): void {
  const close = (): void => transport.close();
  if (transport.name !== "polling") return close();
  // The server may have answered already, with a session that nobody would end.
  const leave = (): void => void transport.send([{ type: "close", data: "" }]);
  transport.listener = { receive: leave, drain: close, lose: nothing };
  env.setTimer(close, transportTimeout);
}
