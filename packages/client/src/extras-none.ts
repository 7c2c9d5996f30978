import { type Codec, RealtimeError } from "@bowline/protocol";
import { leanCodec } from "@bowline/protocol/internal";

export const EXTRAS: boolean = false;
export const HTTP: boolean = true;
export const LEGACY: boolean = true;

export const codecOf = (): Codec => leanCodec;

export function transportError(message: string, cause: unknown): RealtimeError {
  return new RealtimeError("transport_failed", message, { cause });
}

/** Never called. */
export const sendInTurn = undefined as never;
