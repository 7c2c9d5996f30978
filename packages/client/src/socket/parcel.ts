import { type EventName, type Frame, RealtimeError } from "@bowline/protocol";
import { byteLength } from "../engine/transport.ts";

/** An event that is ready to go. */
export interface Outgoing {
  /** Of its ack, when it wants one. */
  readonly id: number | undefined;
  readonly data: readonly [EventName, ...unknown[]];
}

/** An event, or the answer to one of the server's, with what goes over the wire for it. */
export interface Parcel extends Outgoing {
  frames: readonly Frame[];
  /** Then nobody looks at its data. */
  readonly isAnswer?: true;
  /** It is not counted. */
  readonly isVolatile?: boolean | undefined;
  isSent?: boolean;
}

/** Bytes, and letters of text. */
export function sizeOf({ frames }: Parcel): number {
  let size = 0;
  for (const { length } of frames) size += length;
  return size;
}

/**
 * What is wrong with frames over which the server would break the connection, if it would. Nothing is too large while there is
 * none.
 */
export function excess(
  frames: readonly Frame[],
  session: { readonly maxPayload: number } | undefined,
): RealtimeError | undefined {
  const limit = session?.maxPayload ?? Infinity;
  for (const frame of frames) {
    // No character takes more than three bytes, so few are counted. Before text goes the engine's digit.
    const size = frame.length * 3 < limit ? 0 : byteLength(frame) + Number(typeof frame === "string");
    if (size > limit) {
      const message = `${size} bytes; the server's maxHttpBufferSize is ${limit}`;
      return new RealtimeError("payload_too_large", message);
    }
  }
  return undefined;
}
