import { RealtimeError } from "../errors.ts";

/**
 * Bytes as text, handed in: Node and browsers have base64 of their own, and nothing is shorter or faster. Implemented
 * by the server's engine and the client's environments; called by packet.ts. SPEC E3.
 */
export interface Base64 {
  /** With padding. */
  encode(bytes: Uint8Array): string;
  /** Takes line breaks anywhere, and text without padding. MUST throw on what else is no base64: `bad_packet`, or the platform's own error. */
  decode(text: string): Uint8Array;
}

const DIGITS = /^[a-z\d+/]*$/i;
const PADDING = /==?$/;
/** The official Java client wraps its base64 at 76 characters and ends it with a line break. */
const LINE_BREAKS = /[\r\n]+/g;

/**
 * For a platform that drops what it cannot read, as Node does: bytes would go missing unseen.
 * @throws RealtimeError `bad_packet`
 */
export function assertBase64(text: string): void {
  const padded = text.replace(LINE_BREAKS, "");
  const digits = padded.length % 4 === 0 ? padded.replace(PADDING, "") : padded;
  if (digits.length % 4 === 1 || !DIGITS.test(digits))
    throw new RealtimeError("bad_packet", "malformed base64");
}
