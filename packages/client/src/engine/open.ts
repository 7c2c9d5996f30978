import type { EnginePacket, Handshake } from "@bowline/protocol";
import type { Timer } from "@bowline/protocol/internal";
import { transportError } from "#extras";
import type { EngineOptions } from "./engine-options.ts";
import type { OpeningListener } from "./open-websocket.ts";
import { HttpTransport } from "./transport-http.ts";
import { WebSocketTransport } from "./transport-websocket.ts";
import { type End, nothing, parseOpen, readOr, type Transport, type TransportName } from "./transport.ts";
import { recallWay, rememberWay } from "./way.ts";

/** A stream has more: something must follow the handshake, which the server sends after 100 ms. */
const STREAM_HEAD_START_MS = 1000;
const LONGEST_HEAD_START_MS = 1000;

/**
 * Lets the transports race: the first starts alone, the next one when it has failed, or has not opened within its head
 * start, and so on. The first on which the server shakes hands wins. All together have `timeout`; once one fails when
 * none is left to start, the others have `transportTimeout`. Returns how to abort; nothing but `trying` reaches the
 * listener after that, nor before this returned.
 */
export function openTransport(options: EngineOptions, listener: OpeningListener): () => void {
  const { env, origin, path, timeout, transportTimeout } = options;
  const [, tookMs, ...order] = recallWay(options);
  const headStartMs = Math.max(options.headStart, Math.min(2 * tookMs, LONGEST_HEAD_START_MS));
  const left = [...order];
  const racing = new Set<Transport>();
  const failures: string[] = [];
  let step: Timer | undefined;

  const next = (): void => {
    const name = left.shift() as TransportName;
    const startedAt = env.wallClock();
    const close: End = (_reason, description, context) => {
      transport.close();
      if (!racing.delete(transport)) return;
      failures.push(`${name}: ${description}`);
      env.clearTimer(step);
      if (left.length > 0) return next();
      if (racing.size > 0) return void (step = failAfter(transportTimeout));
      stop(nothing);
      listener.failed(transportError(`cannot connect to ${origin}${path} (${failures.join("; ")})`, context));
    };
    let told: Handshake | undefined;
    const packet = (got: EnginePacket): void => {
      if (!told) {
        told = readOr(close, () => parseOpen(got));
        if (told) transport.begin?.(told);
        // A stream is open when something follows: a proxy may hold it back.
        if (!told || name === "sse") return;
      }
      if (!racing.delete(transport)) return leave(transport as HttpTransport);
      rememberWay(options, env.wallClock() - startedAt, name, ...order.filter((each) => each !== name));
      stop((other) => drop(other, options));
      listener.opened(told, transport, failures.length === order.length - 1);
      if (got.type !== "open") transport.listener.packet(got);
    };
    const hear = { packet, drain: nothing, close };
    const transport: Transport =
      name === "websocket" ? new WebSocketTransport(options, hear) : new HttpTransport(options, name, hear);
    racing.add(transport);
    listener.trying(transport);
    env.clearTimer(step);
    if (left.length > 0) step = env.setTimer(next, name === "sse" ? STREAM_HEAD_START_MS : headStartMs);
  };
  const failAfter = (ms: number): Timer =>
    env.setTimer(() => {
      left.length = 0;
      for (const { listener: each } of racing) each.close("transport error", `no answer within ${ms} ms`);
    }, ms);
  const limit = timeout === false ? undefined : failAfter(timeout);
  const stop = (how: (other: Transport) => void): void => {
    env.clearTimer(limit);
    env.clearTimer(step);
    left.length = 0;
    racing.forEach(how);
    racing.clear();
  };
  next();
  return () => stop((transport) => transport.close());
}

/** What lost the race. */
function drop(transport: Transport, { env, transportTimeout }: EngineOptions): void {
  // The server may have answered the poll already, with a session that nobody would end: see `leave`.
  if (transport.name === "polling") env.setTimer(() => transport.close(), transportTimeout);
  else transport.close();
}

/** It came too late; the server need not keep a session for it. */
function leave(transport: HttpTransport): void {
  transport.send([{ type: "close", data: "" }]);
  transport.pause(nothing, () => transport.close());
}
