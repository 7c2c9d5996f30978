import type { RecordingHandler } from "./recording-handler.ts";

/** What every test of the suite gets. */
export interface HostWorld {
  readonly port: number;
  readonly handler: RecordingHandler;
  /** What the host reported to `onError`. */
  readonly errors: unknown[];
  stop(): Promise<void>;
}
