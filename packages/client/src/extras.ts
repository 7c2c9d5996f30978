import { type Codec, jsonCodec, RealtimeError } from "@bowline/protocol";
import { explainUnserializable, type Parser, parserCodec } from "@bowline/protocol/internal";

export { sendInTurn } from "./blobs.ts";

/** Whether there is what is seldom used: everywhere but in the minified files, which have extras-none.ts. */
export const EXTRAS: boolean = true;

/** Whether there are other transports than WebSockets: everywhere but in one file, which has websocket/extras.ts. */
export const HTTP: boolean = true;

/** Whether there is what code written for Socket.IO may ask for and new code does not: everywhere but in files called `bowline`. */
export const LEGACY: boolean = true;

/** Says what cannot be sent, and where it is. */
const standard = jsonCodec({ explain: explainUnserializable });

/** Packets to frames as the option `parser` has it. */
export function codecOf(parser: Parser | undefined): Codec {
  return parser ? parserCodec(parser, asPlatform) : standard;
}

/** Bytes as parsers for Socket.IO get them: a Buffer on Node, in a page what its WebSocket gives. */
function asPlatform(bytes: Uint8Array): Uint8Array | ArrayBuffer {
  return bytes.constructor === Uint8Array ? bytes.slice().buffer : bytes;
}

/** What `connect_error` gives when there was no connection; the three fields are those of Engine.IO's errors. */
class TransportError extends RealtimeError {
  readonly type = "TransportError";
  /** The status of an answer over HTTP, else what the platform said. */
  readonly description: unknown;
  /** An answer `{ status, text }`, the end `{ code, reason }` of a WebSocket, or an error. */
  readonly context: unknown;

  constructor(message: string, cause: unknown) {
    super("transport_failed", message, { cause });
    const { status = cause } = Object(cause) as { status?: unknown };
    this.description = status;
    this.context = cause;
  }
}

export function transportError(message: string, cause: unknown): RealtimeError {
  return new TransportError(message, cause);
}
