import type { EngineRuntime } from "../engine/engine-options.ts";

/** What the sockets need of the world beyond what the engine needs. */
export interface Runtime extends EngineRuntime {
  /** A time of day as people read it, for `handshake.time`. */
  describeTime(epochMs: number): string;
}
