import type { Handshake, RealtimeError } from "@bowline/protocol";
import { transportError } from "#extras";
import type { EngineOptions } from "./engine-options.ts";
import { WebSocketTransport } from "./transport-websocket.ts";
import { type End, nothing, parseOpen, readOr, type Transport } from "./transport.ts";

export interface OpeningListener {
  /** It is this one's turn too. */
  trying(transport: Transport): void;
  /** The server shook hands. `isLast` when all the others had failed. */
  opened(handshake: Handshake, transport: Transport, isLast: boolean): void;
  /** The error tells what became of each transport that was tried. */
  failed(error: RealtimeError): void;
}

/** As open.ts, where there is nothing to race with. */
export function openWebSocket(options: EngineOptions, listener: OpeningListener): () => void {
  const { env, origin, path, timeout } = options;
  const stop = (): void => {
    transport.close();
    env.clearTimer(limit);
  };
  const close: End = (_reason, description, context) => {
    stop();
    listener.failed(transportError(`cannot connect to ${origin}${path} (${description})`, context));
  };
  const transport = new WebSocketTransport(options, {
    packet: (packet) => {
      const told = readOr(close, () => parseOpen(packet));
      if (!told) return;
      env.clearTimer(limit);
      listener.opened(told, transport, true);
    },
    drain: nothing,
    close,
  });
  const limit =
    timeout === false
      ? undefined
      : env.setTimer(() => close("transport error", `no answer within ${timeout} ms`), timeout);
  listener.trying(transport);
  return stop;
}
