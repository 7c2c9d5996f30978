export {
  CLOSE_REASONS,
  type ClientDisconnectReason,
  type CloseLayer,
  type CloseReason,
  type CloseRule,
  type ReconnectReason,
  type ServerDisconnectReason,
} from "./close-reason.ts";
export { type ErrorCode, type ExtendedError, RealtimeError, type RealtimeErrorOptions } from "./errors.ts";
export type {
  AckAnswer,
  AllButAck,
  DefaultEventMap,
  DefaultEventsMap,
  EventListener,
  EventMap,
  EventNames,
  EventNamesWithAck,
  EventNamesWithoutAck,
  EventParams,
  EventsMap,
  HeardListener,
  HeardNames,
  Untyped,
  WithAckError,
  WithAckErrorOfMany,
} from "./events.ts";
export type { Frame } from "./frame.ts";
export type { Base64 } from "./engine/base64.ts";
export { decodePacket, encodePacket, type EnginePacket } from "./engine/packet.ts";
export { assertPacketCount, decodePayload, encodePayload } from "./engine/payload.ts";
export { encodeHandshake, type Handshake, parseHandshake } from "./engine/handshake.ts";
export type { Codec, Decoder } from "./socket/codec.ts";
export { jsonCodec, type JsonCodecOptions } from "./socket/codec-json.ts";
export type { Parser, ParserDecoder, ParserEncoder, ParserPacket } from "./socket/codec-parser.ts";
export type { AckPacket, EventName, EventPacket, Packet } from "./socket/packet.ts";
export type { Gap, GapReason } from "./socket/resumption.ts";
export { ENGINE_PROTOCOL, SOCKET_PROTOCOL } from "./version.ts";
