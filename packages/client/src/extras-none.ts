import type { Codec } from "@bowline/protocol";
import { defaultCodec } from "@bowline/protocol/internal";

export const EXTRAS: boolean = false;

export const codecOf = (): Codec => defaultCodec;
