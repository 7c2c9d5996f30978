import { type ErrorCode, RealtimeError } from "../errors.ts";
import type { Frame } from "../frame.ts";
import { attach, detach, hasBinary } from "./attachments.ts";
import type { Codec, Decoder } from "./codec.ts";
import {
  type AckPacket,
  type EventPacket,
  isEventName,
  isReservedEvent,
  MAIN_NAMESPACE,
  type Packet,
  TYPES,
} from "./packet.ts";
import { stringifyJson } from "./stringify.ts";

type PacketType = Packet["type"];

/** What each type carries. SPEC S3 to S8. */
const FITS: Readonly<Record<PacketType, (data: unknown) => boolean>> = {
  connect: (data) => data === undefined || isRecord(data),
  disconnect: (data) => data === undefined,
  event: (data) => Array.isArray(data) && isEventName(data[0]),
  ack: (data) => Array.isArray(data),
  connect_error: (data) => typeof data === "string" || isRecord(data),
};
/** BINARY_EVENT and BINARY_ACK are so far behind the types that they are. */
const BINARY = 3;
const FIRST_BINARY = 5;

const ZERO = 0x30;
const NINE = 0x39;
const SLASH = 0x2f;
/** What JSON that may stand behind a header begins with. */
const JSON_BEGINS = '[{"';
/** Poll bodies are split at U+001E. In JSON it is always escaped; in a namespace it would cut the packet in two. */
// oxlint-disable-next-line no-control-regex -- that one
const NAMESPACE = /^\/[^,\x1e]*$/;

const MAX_ATTACHMENTS = 10;

export interface JsonCodecOptions {
  /**
   * The most attachments of one packet. Default 10, as socket.io-parser, whose decoders close the connection above it;
   * so more are neither taken nor sent, and both ends must agree on more.
   */
  readonly maxAttachments?: number;
  /** What was in the way of a packet that could not be encoded. Default: the error's message. MUST NOT throw. */
  readonly explain?: (packet: Packet, error: unknown) => string;
}

/** Socket.IO's own codec: a header of text, JSON behind it, attachments as frames of their own. */
export function jsonCodec({
  maxAttachments = MAX_ATTACHMENTS,
  explain = inWords,
}: JsonCodecOptions = {}): Codec {
  if (!(maxAttachments >= 0)) throw new RealtimeError("invalid_argument", "maxAttachments must be 0 or more");
  return {
    encode(packet) {
      assertSound(packet, "invalid_argument");
      try {
        return encode(packet, maxAttachments);
      } catch (cause) {
        const what = packet.type === "event" ? `the event "${packet.data[0]}"` : `this ${packet.type}`;
        const message = `${what} cannot be sent: ${explain(packet, cause)}`;
        throw new RealtimeError("unserializable", message, { cause });
      }
    },
    decoder: () => new JsonDecoder(maxAttachments),
  };
}

/** A class, since there is one for each connection. */
class JsonDecoder implements Decoder {
  readonly #maxAttachments: number;
  #arriving: Arriving | undefined;

  constructor(maxAttachments: number) {
    this.#maxAttachments = maxAttachments;
  }

  push(frame: Frame): Packet | undefined {
    let current = this.#arriving;
    this.#arriving = undefined; // what is refused leaves nothing behind
    if (typeof frame === "string") {
      if (current) throw bad("an attachment too few");
      current = parse(frame, this.#maxAttachments);
    } else {
      if (!current) throw bad("an attachment too many");
      current.attachments.push(frame);
    }
    const { packet, count, attachments } = current;
    if (attachments.length < count) {
      this.#arriving = current;
      return undefined;
    }
    if (count > 0) attach((packet as EventPacket | AckPacket).data, attachments);
    return packet;
  }
}

function encode(packet: Packet, maxAttachments: number): readonly Frame[] {
  const attachments: Uint8Array[] = [];
  const { type, namespace, id, data }: Fields = packet;
  const json = stringify(isNumbered(type) && hasBinary(data) ? detach(data, attachments) : data);
  const count = attachments.length;
  assertCount(count, maxAttachments, "unserializable");
  const digit = TYPES.indexOf(type);
  const start = count === 0 ? digit : `${digit + BINARY}${count}-`;
  const name = namespace === MAIN_NAMESPACE ? "" : `${namespace},`;
  return [`${start}${name}${id ?? ""}${json}`, ...attachments];
}

/** Nothing for `undefined`, for `null` (as socket.io-parser), and for a toJSON that gives `undefined`. */
function stringify(data: unknown): string {
  return data === null ? "" : (stringifyJson(data) ?? "");
}

/** A packet and its attachments, as far as they came. */
interface Arriving {
  readonly packet: Packet;
  readonly count: number;
  readonly attachments: Uint8Array[];
}

/** SPEC S2. No part can begin with what the one before it ends with, so it is read in one pass, and every message is. */
function parse(text: string, maxAttachments: number): Arriving {
  const digit = text.charCodeAt(0) - ZERO;
  const type = TYPES[digit];
  let at = 1;
  let count = 0;
  if (digit >= FIRST_BINARY) {
    const dash = behindDigits(text, at);
    count = Number(text.slice(at, dash));
    if (count === 0 || text[dash] !== "-") throw bad("malformed header");
    at = dash + 1;
  }
  let namespace = MAIN_NAMESPACE;
  if (text.charCodeAt(at) === SLASH) {
    const comma = text.indexOf(",", at);
    const end = comma < 0 ? text.length : comma;
    namespace = text.slice(at, end);
    at = comma < 0 ? end : end + 1;
  }
  const begin = behindDigits(text, at);
  const id = begin > at ? Number(text.slice(at, begin)) : undefined;
  if (!type || !JSON_BEGINS.includes(text.charAt(begin))) throw bad("malformed header");
  // Before the JSON is looked at: the count is what an attacker picks.
  assertCount(count, maxAttachments, "bad_packet");
  const packet: Fields = { type, namespace, id, data: parseJson(text.slice(begin)) };
  assertSound(packet, "bad_packet");
  return { packet, count, attachments: [] };
}

function behindDigits(text: string, at: number): number {
  let end = at;
  for (let code = text.charCodeAt(end); code >= ZERO && code <= NINE; code = text.charCodeAt(end)) end++;
  return end;
}

function parseJson(json: string): unknown {
  try {
    return json === "" ? undefined : JSON.parse(json);
  } catch (cause) {
    throw new RealtimeError("bad_packet", "malformed JSON", { cause });
  }
}

export interface Fields {
  readonly type: PacketType;
  readonly namespace: string;
  readonly id?: number | undefined;
  readonly data?: unknown;
}

/** What no decoder would take, or would take for something else, is neither sent nor delivered. SPEC S2 to S9. */
export function assertSound(
  packet: Fields,
  code: "invalid_argument" | "bad_packet",
): asserts packet is Packet {
  const { type, namespace, id, data } = packet;
  const idFits = id === undefined ? type !== "ack" : isNumbered(type) && Number.isSafeInteger(id) && id >= 0;
  const isNamed = namespace === MAIN_NAMESPACE || NAMESPACE.test(namespace);
  if (!isNamed || !idFits || !FITS[type](data)) {
    throw new RealtimeError(code, `malformed ${type}: check its name and its namespace`);
  }
  if (type === "event" && isReservedEvent((data as EventPacket["data"])[0])) {
    const reserved = code === "bad_packet" ? code : "reserved_event";
    throw new RealtimeError(reserved, `"${(data as EventPacket["data"])[0]}" is a reserved event name`);
  }
}

function inWords(_packet: Packet, error: unknown): string {
  const { message } = Object(error) as Error;
  // A stack overflow, in the words of V8 and JavaScriptCore, and of SpiderMonkey.
  return /stack|recursion/.test(message) ? "a circle, or too deep" : message;
}

function assertCount(count: number, limit: number, code: ErrorCode): void {
  if (count > limit) throw new RealtimeError(code, `${count} attachments, maxAttachments is ${limit}`);
}

/** Those that may have an id, and attachments. */
function isNumbered(type: PacketType): boolean {
  return type === "event" || type === "ack";
}

/** `null` counts: on the wire there is none (S2), and it is written as nothing (S3). */
function isRecord(data: unknown): boolean {
  return typeof data === "object" && !Array.isArray(data);
}

function bad(what: string): RealtimeError {
  return new RealtimeError("bad_packet", what);
}
