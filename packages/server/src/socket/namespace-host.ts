import {
  type Codec,
  type DefaultEventMap,
  type EventName,
  type ParserEncoder,
  RealtimeError,
} from "@bowline/protocol";
import type { OnError } from "../errors.ts";
import type { AdapterFactory } from "./adapter.ts";
import type { Broadcaster } from "./broadcaster.ts";
import type { RecoveryHost } from "./recovery.ts";
import type { ResumptionPool } from "./resumption-pool.ts";
import type { Runtime } from "./runtime.ts";

/** The server as its namespaces give it. Implemented by `Server`. */
export interface NamespaceServer extends Broadcaster<DefaultEventMap, object, DefaultEventMap, unknown> {
  of(name: string): Broadcaster<DefaultEventMap, object, DefaultEventMap, unknown>;
  close(): Promise<void>;
  /** @internal As they were given; adapters read them. */
  readonly opts: object;
  /** @internal */
  readonly encoder: ParserEncoder;
}

/** What a namespace needs of its server. */
export interface NamespaceHost {
  readonly server: NamespaceServer;
  readonly codec: Codec;
  readonly runtime: Runtime;
  readonly onError: OnError;
  /** Makes what carries rooms and broadcasts instead of our own. May change: it is asked for each new namespace. */
  readonly adapter: AdapterFactory | undefined;
  /** Only with connection state recovery. */
  readonly recovery?: RecoveryHost | undefined;
  /** What the sockets of all namespaces that agree on resumption have in common; unless the server offers none. */
  readonly resumption: ResumptionPool | undefined;
  /** Events that nobody answers and of which that was said already. */
  readonly unanswered: Set<string>;
}

/** Clients name the events: no more of them than a log can bear. */
const MAX_UNANSWERED = 100;
const MAX_NAME = 100;

/** Said once for each event, since in Socket.IO the client just waits. */
export function reportUnanswered(
  { unanswered, onError }: NamespaceHost,
  event: EventName,
  where: { readonly namespace: string; readonly socketId: string },
): void {
  const name = String(event).slice(0, MAX_NAME);
  if (unanswered.has(name) || unanswered.size >= MAX_UNANSWERED) return;
  unanswered.add(name);
  const fix = `add socket.on("${name}", …) where "connection" is heard`;
  const what = `a client waits for an answer to "${name}", and nobody listens to it: ${fix}`;
  onError(new RealtimeError("unanswered", what), { stage: "handler", event: name, ...where });
}
