import type { TestRequestParts } from "@bowline/server/testing";

// What passes through a virtual link that is a WebSocket.

export type Frame = string | Uint8Array;

interface Close {
  readonly code: number;
  readonly reason: string;
}

export type Up =
  | { readonly request: TestRequestParts }
  | { readonly frame: Frame }
  | { readonly close: Close };

export type Down =
  | "open"
  | "reset"
  | { readonly frame: Frame }
  | { readonly close: Close }
  | { readonly status: number };

export const NO_CODE = 1005;
export const BROKEN = 1006;
