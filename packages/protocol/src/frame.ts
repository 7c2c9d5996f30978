/** What one WebSocket message carries: text or bytes. */
export type Frame = string | Uint8Array;
