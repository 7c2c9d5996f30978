// What Bowline's own packages share. Not under semantic versioning: import from "@bowline/protocol" instead.
export type { Clock, Timer, Timers } from "./clock.ts";
export { editDistance } from "./edit-distance.ts";
export { assertBase64 } from "./engine/base64.ts";
export { encodeEventLine } from "./engine/event-line.ts";
export { encodePacketAsText } from "./engine/packet.ts";
export { joinPayload, splitPayload } from "./engine/payload.ts";
export { contain, isThenable, type Listener, Listeners } from "./listeners.ts";
export {
  type AckErrorAnswer,
  AckTable,
  errorInAnswer,
  type SettleAck,
  timedOut,
  toErrorAnswer,
} from "./socket/ack-table.ts";
export { leanCodec } from "./socket/codec-lean.ts";
export {
  fromParserPacket,
  type Parser,
  parserCodec,
  type ParserEncoder,
  type ParserPacket,
  toParserPacket,
} from "./socket/codec-parser.ts";
export { type Answer, answerWithError, dispatchEvent } from "./socket/dispatch.ts";
export { isReservedEvent, MAIN_NAMESPACE } from "./socket/packet.ts";
export {
  CONTROL,
  type ControlMessage,
  escapeName,
  EXTENSIONS_KEY,
  readName,
  type Gap,
  type GapReason,
  type ResumptionReply,
  type ResumptionRequest,
} from "./socket/resumption.ts";
export { explainUnserializable } from "./socket/unserializable.ts";
