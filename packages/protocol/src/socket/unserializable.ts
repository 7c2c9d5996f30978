import { isBinary, isBlob } from "./attachments.ts";
import type { Packet } from "./packet.ts";

const MAX_PATH = 120;
/** As V8, JavaScriptCore and SpiderMonkey say it; a RangeError alone may be an invalid date's. */
const STACK_OVERFLOW = /call stack|too much recursion/;

/** For `jsonCodec`: what is in the way, where it is, what to do instead. */
export function explainUnserializable(packet: Packet, error: unknown): string {
  return firstFault(packet) ?? (error instanceof Error ? error.message : text(error));
}

/** Looks once more, in the encoder's order, at data that it failed on; only a failure pays for this. */
function firstFault(packet: Packet): string | undefined {
  let at = "it";
  const above = new Map<object, string>();

  const walk = (value: unknown, path: string, fromToJson = false): string | undefined => {
    at = path;
    if (typeof value === "bigint") return `${short(path)} is a BigInt; send it as a string`;
    if (typeof value !== "object" || value === null || isBinary(value)) return undefined;
    if (isBlob(value)) return `${short(path)} is a Blob; send \`await blob.arrayBuffer()\``;
    const first = above.get(value);
    if (first !== undefined) return `${short(path)} refers back to ${short(first)}`;
    above.set(value, path);
    const { toJSON } = value as { toJSON?: unknown };
    const json: unknown = typeof toJSON === "function" && !fromToJson ? toJSON.call(value) : value;
    const fault = json === value ? walkInside(value, path) : walk(json, `${path}.toJSON()`, true);
    above.delete(value);
    return fault;
  };

  const walkInside = (value: object, path: string): string | undefined => {
    for (const key of Object.keys(value)) {
      at = Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`;
      const fault = walk((value as Record<string, unknown>)[key], at);
      if (fault !== undefined) return fault;
    }
    return undefined;
  };

  try {
    if (packet.type !== "event" && packet.type !== "ack")
      return walk("data" in packet ? packet.data : undefined, "its data");
    const skipped = packet.type === "event" ? 1 : 0; // the name
    for (const [index, argument] of packet.data.slice(skipped).entries()) {
      const fault = walk(argument, `argument ${index + 1}`);
      if (fault !== undefined) return fault;
    }
    return undefined;
  } catch (error) {
    // The stack overflowed, or a getter or a toJSON of the caller's threw.
    return STACK_OVERFLOW.test(text(error)) ? "it nests too deep" : `${short(at)} threw ${text(error)}`;
  }
}

function short(path: string): string {
  return path.length <= MAX_PATH ? path : `${path.slice(0, MAX_PATH)}…`;
}

/** Anything can be thrown, also what has no text. */
function text(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return "something that has no text";
  }
}
