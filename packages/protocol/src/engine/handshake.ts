import { RealtimeError } from "../errors.ts";

/** What the server tells in its open packet. Times in milliseconds, sizes in bytes. SPEC E5. */
export interface Handshake {
  readonly sid: string;
  /** Transports that the session may move up to. */
  readonly upgrades: readonly string[];
  readonly pingInterval: number;
  readonly pingTimeout: number;
  /** The largest message, and the largest poll body, that the server takes. */
  readonly maxPayload: number;
  /** Extensions that the server speaks, with their versions: `{"rs":1}`. Unchecked; stock servers have none. SPEC U1. */
  readonly ext?: Readonly<Record<string, unknown>> | undefined;
}

/** In the order of the stock server, whatever the order of `handshake`; what it has besides goes last. */
export function encodeHandshake(handshake: Handshake): string {
  const { sid, upgrades, pingInterval, pingTimeout, maxPayload, ...rest } = handshake;
  return JSON.stringify({ sid, upgrades, pingInterval, pingTimeout, maxPayload, ...rest });
}

/** @throws RealtimeError `bad_handshake` */
export function parseHandshake(data: string): Handshake {
  let cause: unknown;
  try {
    const { sid, upgrades, pingInterval, pingTimeout, maxPayload, ext } = JSON.parse(data) as Unchecked;
    if (typeof sid === "string" && sid !== "" && isAmount(pingInterval) && isAmount(pingTimeout)) {
      return {
        sid,
        upgrades: Array.isArray(upgrades) ? upgrades.filter((name) => typeof name === "string") : [],
        pingInterval,
        pingTimeout,
        // Servers before Engine.IO 6 do not tell; then no size is known to be too large.
        maxPayload: (isAmount(maxPayload) && maxPayload) || Infinity,
        ext,
      };
    }
  } catch (error) {
    cause = error;
  }
  throw new RealtimeError("bad_handshake", "no handshake of Engine.IO 4", { cause });
}

type Unchecked = Readonly<Record<Exclude<keyof Handshake, "ext">, unknown>> & Pick<Handshake, "ext">;

function isAmount(value: unknown): value is number {
  return Number.isFinite(value) && Number(value) >= 0;
}
