import { randomFillSync } from "node:crypto";
import { inspect } from "node:util";
import type { OnError } from "./errors.ts";
import { captureRequest } from "./host/captured-response.ts";
import type { Runtime } from "./socket/runtime.ts";

/** 24 days. */
const LONGEST_MS = 2 ** 31 - 1;

/** 20 characters, the length that Socket.IO's own tools look for. */
const ID_BYTES = 15;
/** Asked for together, because the system's call costs what the rest of ten ids does: there are two for each connection. */
const pool = Buffer.allocUnsafeSlow(256 * ID_BYTES);
let taken = pool.length;

function createId(): string {
  if (taken === pool.length) {
    randomFillSync(pool);
    taken = 0;
  }
  taken += ID_BYTES;
  return pool.toString("base64url", taken - ID_BYTES, taken);
}

/** Time and randomness as Node has them. The only place of the server that reads either. */
export const nodeRuntime: Runtime = {
  clock: {
    now: () => performance.now(),
    // More than Node can wait for would be no wait at all.
    setTimer: (run, delayMs) => setTimeout(run, Math.min(delayMs, LONGEST_MS)),
    clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
  },
  createId,
  wallClock: () => Date.now(),
  createIncoming: (info) => captureRequest({ method: "GET", ...info }),
  describeTime: (epochMs) => new Date(epochMs).toString(),
};

/** Without an `onError` a failure still has to be seen: Node prints it with its stack, and `process` can listen. */
export const warnOfError: OnError = (error, context) => {
  const where = Object.entries(context)
    .map(([name, value]) => `${name}: ${value}`)
    .join(", ");
  process.emitWarning(
    `${describe(error)}\n(${where}; pass \`onError\` to new Server() to take these yourself)`,
    {
      type: "BowlineError",
    },
  );
};

/** Anything can be thrown, also what has no text. */
function describe(error: unknown): string {
  try {
    return error instanceof Error ? (error.stack ?? String(error)) : inspect(error);
  } catch {
    return "an error that cannot be shown";
  }
}

/** Parsers are written against Node's buffers. */
export function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
