import { RealtimeError } from "../errors.ts";

/** Bytes in the shapes that people have them in: Uint8Array, Buffer, any view, ArrayBuffer. */
export function isBinary(value: unknown): value is ArrayBuffer | ArrayBufferView {
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value);
}

/** A Blob, a File or what else has its bytes only later. */
export function isBlob(value: object): boolean {
  return typeof (value as { arrayBuffer?: unknown }).arrayBuffer === "function";
}

// The two walks below do what socket.io-parser's do, quirks included, so that both send the same bytes: `toJSON` is
// called without a key, once, and not on arrays. Every packet is looked through, so the first is plain loops.

/**
 * Whether there are bytes anywhere below `value`; looks behind `toJSON`, as JSON will.
 * @throws RealtimeError `unserializable` on a Blob.
 */
export function hasBinary(value: unknown, fromToJson: boolean = false): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (isBinary(value)) return true;
  if (isBlob(value)) throw unsendable("a Blob; send its arrayBuffer()");
  if (!fromToJson && hasToJson(value)) return hasBinary(value.toJSON(), true);
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) if (hasBinary(value[index])) return true;
    return false;
  }
  for (const key in value) {
    if (Object.hasOwn(value, key) && hasBinary((value as Record<string, unknown>)[key])) return true;
  }
  return false;
}

/**
 * A copy of `value` with a placeholder for all bytes, which go into `attachments` in the order met. SPEC S10.
 * @throws RealtimeError `unserializable` on an object that would be taken for a placeholder.
 */
export function detach(value: unknown, attachments: Uint8Array[], fromToJson: boolean = false): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (isBinary(value)) return { _placeholder: true, num: attachments.push(bytesOf(value)) - 1 };
  if (!fromToJson && hasToJson(value)) return detach(value.toJSON(), attachments, true);
  // oxlint-disable-next-line no-restricted-globals -- asks what it is, not what time it is
  if (value instanceof Date) return value;
  // Spread, because it makes `__proto__` a key like any other.
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
  // It was applied already; on the copy JSON.stringify would apply it again.
  if (typeof copy["toJSON"] === "function") delete copy["toJSON"];
  for (const key of Object.keys(copy)) copy[key] = detach(copy[key], attachments);
  if (copy["_placeholder"] === true) {
    throw unsendable("`_placeholder: true` beside bytes");
  }
  return copy;
}

/**
 * Puts the attachments back, in place: `data` is fresh from JSON.parse and nobody else's. No recursion: what JSON.parse
 * could read, however deep, is read.
 * @throws RealtimeError `bad_packet` unless the placeholders name each attachment exactly once. SPEC S11.
 */
export function attach(data: object, attachments: readonly Uint8Array[]): void {
  const missing = new Set<unknown>(attachments.keys());
  const holders = [data as Record<string, unknown>];
  for (const holder of holders) {
    // Every key is the holder's own already, so even `__proto__` is assigned as a key like any other.
    for (const key of Object.keys(holder)) {
      const item = holder[key] as Record<string, unknown> | null;
      if (typeof item !== "object" || item === null) continue;
      if (item["_placeholder"] !== true) holders.push(item);
      else if (missing.delete(item["num"])) holder[key] = attachments[item["num"] as number];
      else throw mismatch();
    }
  }
  if (missing.size > 0) throw mismatch();
}

export function bytesOf(value: ArrayBuffer | ArrayBufferView): Uint8Array {
  const { buffer = value as ArrayBuffer, byteOffset, byteLength } = value as Partial<ArrayBufferView>;
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  // Memory shared between threads is copied: neither WebSocket nor Blob takes it.
  return buffer instanceof ArrayBuffer ? bytes : bytes.slice();
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return !Array.isArray(value) && typeof (value as { toJSON?: unknown }).toJSON === "function";
}

function mismatch(): RealtimeError {
  return new RealtimeError("bad_packet", "attachments and placeholders do not match");
}

function unsendable(why: string): RealtimeError {
  return new RealtimeError("unserializable", why);
}
