import type { AssistantInfo, Message } from "../shared/events.ts";

/** Whatever can answer in a room. `reply` yields the answer piece by piece and ends early when `signal` aborts. */
export interface Assistant {
  readonly info: AssistantInfo;
  reply(prompt: string, history: readonly Message[], signal: AbortSignal): AsyncIterable<string>;
}
