import type { Base64 } from "@bowline/protocol";
import { assertBase64 } from "@bowline/protocol/internal";

/** Node's own; what it reads is a Buffer, as users of Node expect bytes. */
export const base64: Base64 = {
  encode: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64"),
  decode(text) {
    assertBase64(text);
    return Buffer.from(text, "base64");
  },
};
