import { type Codec, jsonCodec } from "@bowline/protocol";
import { explainUnserializable } from "@bowline/protocol/internal";

/** Whether there is what is seldom used: everywhere but in the minified files, which have extras-none.ts. */
export const EXTRAS: boolean = true;

/** Says what cannot be sent, and where it is. */
export const standardCodec: Codec = jsonCodec({ explain: explainUnserializable });
