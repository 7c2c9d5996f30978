import type { EventName } from "@bowline/protocol";
import { contain, type Listener } from "@bowline/protocol/internal";

/**
 * Where something failed that has neither a caller nor a peer to tell.
 * `handler`: a listener of a socket. `connection`: a listener of a namespace. `middleware`: it threw instead of
 * calling `next(err)`. `namespace`: a function given to `io.of` failed, or clients asked for too many. `adapter`: it, or
 * a listener of it. `engine`, `host`: below the sockets. `listen`: the port could not be had. `close`: the callback of
 * `io.close`. `options`: some were given that are not ours.
 */
export type ErrorStage =
  | "handler"
  | "connection"
  | "middleware"
  | "namespace"
  | "adapter"
  | "engine"
  | "host"
  | "listen"
  | "close"
  | "options";

export interface ErrorContext {
  readonly stage: ErrorStage;
  readonly event?: EventName;
  readonly namespace?: string;
  readonly socketId?: string;
}

/**
 * Takes what nobody else can: a throw or a rejection of user code, a failing host. May be async. When it fails itself,
 * the error that it was to take and its own become warnings of the process.
 */
export type OnError = (error: unknown, context: ErrorContext) => unknown;

/** `onError` so that it never throws nor rejects: every layer calls it where nothing may unwind. */
export function containOnError(onError: OnError, lastResort: OnError): OnError {
  return (error, context) =>
    contain(onError as Listener, [error, context], (second) => {
      lastResort(error, context);
      lastResort(second, context);
    });
}

/** As Node says it. */
export function notRunning(): Error {
  return Object.assign(new Error("Server is not running."), { code: "ERR_SERVER_NOT_RUNNING" });
}
