import { type EnginePacket, type Handshake, parseHandshake, RealtimeError } from "@bowline/protocol";
import type { Timer } from "@bowline/protocol/internal";
import { transportError } from "#extras";
import type { EngineOptions } from "./engine-options.ts";
import { PollingTransport } from "./transport-polling.ts";
import { WebSocketTransport } from "./transport-websocket.ts";
import { type End, nothing, readOr, type Transport, type TransportName } from "./transport.ts";

export interface OpeningListener {
  /** It is this one's turn. */
  trying(transport: Transport): void;
  /** The server shook hands on the last one. */
  opened(handshake: Handshake): void;
  /** The error tells what became of each transport that was tried. */
  failed(error: RealtimeError): void;
}

/**
 * Tries one transport after the other until the server shakes hands on one. All but the last must do so within
 * `transportTimeout`, because a WebSocket that a proxy swallows would otherwise look like a slow one; all together
 * within `timeout`. Returns how to abort; nothing but `trying` reaches the listener after that, nor before this returned.
 */
export function openTransport(
  options: EngineOptions,
  order: readonly TransportName[],
  listener: OpeningListener,
): () => void {
  const { env, origin, path, timeout, transportTimeout } = options;
  const left = [...order];
  const failures: string[] = [];
  let transport: Transport | undefined;
  let step: Timer | undefined;

  const next = (): void => {
    transport = new (left.shift() === "polling" ? PollingTransport : WebSocketTransport)(options, {
      packet: handshake,
      drain: nothing,
      close: failed,
    });
    listener.trying(transport);
    if (left.length > 0) step = failAfter(transportTimeout);
  };
  const handshake = (packet: EnginePacket): void => {
    const told = readOr(failed, () => parseOpen(packet));
    if (!transport || !told) return;
    transport.begin?.(told);
    clear();
    listener.opened(told);
  };
  const fail = (description: string, context?: unknown, isLast = left.length === 0): void => {
    failures.push(`${transport?.name}: ${description}`);
    transport?.close();
    env.clearTimer(step);
    if (!isLast) return next();
    clear();
    const message = `cannot connect to ${origin}${path} (${failures.join("; ")})`;
    listener.failed(transportError(message, context));
  };
  const failed: End = (_reason, description, context) => fail(description, context);
  const failAfter = (ms: number, isLast?: boolean): Timer =>
    env.setTimer(() => fail(`no answer within ${ms} ms`, undefined, isLast), ms);
  const limit = timeout === false ? undefined : failAfter(timeout, true);
  const clear = (): void => {
    env.clearTimer(limit);
    env.clearTimer(step);
    transport = undefined;
  };
  next();
  return () => {
    transport?.close();
    clear();
  };
}

function parseOpen(packet: EnginePacket): Handshake {
  if (packet.type === "open") return parseHandshake(packet.data);
  throw new RealtimeError("bad_handshake", `got "${packet.type}" before "open"`);
}
