import { RealtimeError } from "../errors.ts";
import { bytesOf, isBinary, isBlob } from "./attachments.ts";
import type { Fields } from "./codec-json.ts";
import type { Codec } from "./codec.ts";
import { isReservedEvent, MAIN_NAMESPACE, type Packet, TYPES } from "./packet.ts";

/** The digit, the count, the namespace, the id. No part can begin with what the one before it ends with. */
const HEADER = /^([0-6])(?:(\d|10)-)?(\/[^,]*)?,?(\d+)?/;

const MAX_ATTACHMENTS = 10;

/**
 * What `jsonCodec` writes and reads, for a client that must be small: it trusts its own server, and the types of its own
 * application, in what would not keep it from reading on. SPEC S14.
 */
export const leanCodec: Codec = {
  encode(packet) {
    if (packet.type === "event" && isReservedEvent(packet.data[0])) {
      throw new RealtimeError("reserved_event", `${packet.data[0]}`);
    }
    const { type, namespace, id, data }: Fields = packet;
    const attachments: Uint8Array[] = [];
    function detach(this: Record<string, unknown>, key: string, json: unknown): unknown {
      const value = this[key]; // of which `json` is what its toJSON gave
      const bytes = isBinary(value) ? value : json;
      if (isBlob(Object(json))) throw new Error("a Blob");
      if (!isBinary(bytes)) return json;
      return { _placeholder: true, num: attachments.push(bytesOf(bytes)) - 1 };
    }
    try {
      const json: string | undefined = JSON.stringify(
        data ?? undefined,
        Array.isArray(data) && mayHoldBytes(data) ? detach : undefined,
      );
      const digit = TYPES.indexOf(type);
      const count = attachments.length;
      if (count > MAX_ATTACHMENTS) throw new Error(`${count} attachments`);
      const start = count > 0 ? `${digit + 3}${count}-` : digit;
      const name = namespace === MAIN_NAMESPACE ? "" : `${namespace},`;
      return [`${start}${name}${id ?? ""}${json ?? ""}`, ...attachments];
    } catch (cause) {
      throw new RealtimeError("unserializable", (Object(cause) as Error).message, { cause });
    }
  },

  decoder() {
    /** Of a packet whose attachments did not all come; those that did, by their numbers. */
    let header: RegExpExecArray | null = null;
    const attachments = new Map<unknown, Uint8Array>();
    function attach(_key: string, value: unknown): unknown {
      const { _placeholder, num } = Object(value) as Record<string, unknown>;
      if (_placeholder !== true) return value;
      const bytes = attachments.get(num);
      if (attachments.delete(num)) return bytes;
      throw new Error("");
    }
    return {
      push(frame) {
        try {
          if (typeof frame !== "string") attachments.set(attachments.size, frame);
          else header = header ? null : HEADER.exec(frame);
          // There is nothing to be had of `null`, which is caught.
          const [start, digit, digits, namespace = MAIN_NAMESPACE, number] = header as RegExpExecArray;
          const count = Number(digits ?? 0);
          if (attachments.size < count) return undefined;
          const json = (header as RegExpExecArray).input.slice(start.length);
          header = null;
          const data: unknown = json ? JSON.parse(json, count > 0 ? attach : undefined) : undefined;
          const type = TYPES[Number(digit)] as Packet["type"];
          if (attachments.size > 0 || Array.isArray(data) !== /event|ack/.test(type)) throw new Error("");
          return { type, namespace, id: number && Number(number), data } as Fields as Packet;
        } catch (cause) {
          throw new RealtimeError("bad_packet", "malformed packet", { cause });
        }
      },
    };
  },
};

/** Whether `detach` has something to do: without it JSON is some times as fast, and few packets hold bytes. */
function mayHoldBytes(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (isBinary(value) || isBlob(value) || (value as { toJSON?: unknown }).toJSON) return true;
  for (const item of Array.isArray(value) ? value : Object.values(value)) if (mayHoldBytes(item)) return true;
  return false;
}
