import type { RealtimeError } from "@bowline/protocol";

/** What an event or an answer carries. */
type Data = readonly unknown[];

/** Something to be sent when it is its turn. */
export interface Turn<Whole extends Data> {
  readonly data: Whole;
  /** Sends it: the data itself if it is sent at once, else a copy. */
  readonly send: (whole: Whole) => void;
  /** Throws what `send` would throw. */
  readonly check: () => void;
  /** Takes what `send` throws later, when there is nobody to catch it. */
  readonly failed: (error: unknown) => void;
}

/** The last turn of each sender that waits. */
const waiting = new WeakMap<object, Promise<void>>();

/**
 * Sends what holds Blobs or Files once their bytes are read, and keeps the sender's order: what is sent meanwhile waits
 * behind it. All else is sent at once, and throws at once. In the minified files there is none of this, and a Blob is
 * refused.
 */
export function sendInTurn<Whole extends Data>(sender: object, turn: Turn<Whole>): void {
  const before = waiting.get(sender);
  let copy: Copy | undefined;
  try {
    if (!before) return turn.send(turn.data);
    turn.check();
  } catch (error) {
    // A Blob is one of the things that cannot be encoded; whatever else is wrong stays wrong.
    if ((error as Partial<RealtimeError>).code === "unserializable") copy = tryCopy(turn.data);
    if (!copy || copy.reads.length === 0) throw error;
  }
  const { value, reads } = copy ?? copyOf(turn.data);
  const last = Promise.all([before, ...reads])
    .then(() => turn.send(value as Whole))
    .catch(turn.failed)
    .then(() => {
      if (waiting.get(sender) === last) waiting.delete(sender);
    });
  waiting.set(sender, last);
}

interface Copy {
  readonly value: unknown;
  /** Each puts a Blob's bytes in its place. */
  readonly reads: Promise<void>[];
}

/** Nothing for what is a circle, or too deep: it cannot be sent whatever it holds. */
function tryCopy(data: Data): Copy | undefined {
  try {
    return copyOf(data);
  } catch {
    return undefined;
  }
}

/** A copy that the caller cannot change any more, as JSON sees it. */
function copyOf(data: Data): Copy {
  const reads: Promise<void>[] = [];
  const copy = (value: unknown, isFromToJson = false): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if (value instanceof ArrayBuffer) return value.slice(0);
    if (ArrayBuffer.isView(value)) {
      return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice();
    }
    const { toJSON } = value as { toJSON?: unknown };
    if (!isFromToJson && !Array.isArray(value) && typeof toJSON === "function") {
      return copy(toJSON.call(value), true);
    }
    const whole = (Array.isArray(value) ? [] : {}) as Record<string, unknown>;
    for (const [key, item] of Object.entries(value)) {
      if (isBlob(item)) reads.push(item.arrayBuffer().then((bytes) => void (whole[key] = bytes)));
      // A name given to it now keeps the place among the others.
      whole[key] = isBlob(item) ? null : copy(item);
    }
    return whole;
  };
  return { value: copy(data), reads };
}

function isBlob(value: unknown): value is Blob {
  return typeof (Object(value) as { arrayBuffer?: unknown }).arrayBuffer === "function";
}
