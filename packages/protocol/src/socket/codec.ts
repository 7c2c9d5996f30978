import type { Frame } from "../frame.ts";
import type { Packet } from "./packet.ts";

/**
 * Packets to frames and back. Both ends must use the same; nothing is negotiated.
 * Rules S1 to S12 of SPEC.md; every codec runs the vectors.
 */
export interface Codec {
  /**
   * The first frame is text, the others are attachments: the caller's own bytes, not copies.
   * @throws RealtimeError `unserializable` when the data cannot be sent; `invalid_argument` or `reserved_event` when a
   * decoder would refuse the packet for its namespace, id or event name.
   */
  encode(packet: Packet): readonly Frame[];
  /** A decoder remembers attachments still to come: one per connection. */
  decoder(): Decoder;
}

export interface Decoder {
  /**
   * The packet that this frame completes, or `undefined` while attachments are missing.
   * @throws RealtimeError `bad_packet`; the decoder must not be used after it.
   */
  push(frame: Frame): Packet | undefined;
}
