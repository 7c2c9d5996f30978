import type { Duplex, Writable } from "node:stream";
import type { WebSocket } from "ws";

type End = (this: Writable, ...args: unknown[]) => Writable;

/**
 * ws ends its receiver three times in the life of a connection, and the socket twice. Each time but the first makes an
 * error, with its stack, that nobody gets to see: a tenth of what a connection costs, from its handshake to its end.
 */
export function endOnce(socket: Duplex, ws: WebSocket): void {
  const { _receiver: receiver } = ws as { readonly _receiver?: Writable };
  for (const stream of [socket, receiver]) {
    // What somebody else put there stays.
    if (stream && !Object.hasOwn(stream, "end")) Object.assign(stream, { end });
  }
}

function end(this: Writable, ...args: unknown[]): Writable {
  if (this.writableEnded && args.length === 0) return this;
  const { end: streams } = Object.getPrototypeOf(this) as { readonly end: End };
  return streams.apply(this, args);
}
