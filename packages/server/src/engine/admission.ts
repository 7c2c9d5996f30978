import { RealtimeError } from "@bowline/protocol";
import { isThenable } from "@bowline/protocol/internal";
import type { EngineIncoming } from "./incoming.ts";
import { refuse, refuseClosed, type Refusal, verifyRevision } from "./verify.ts";

/**
 * Decides by calling `decide(error, isAllowed)`, as in Socket.IO, or by returning a promise of true or false. The error,
 * a text or an Error, is told to the peer.
 */
export type AllowRequest = (
  request: EngineIncoming,
  decide: (error: string | Error | null | undefined, isAllowed: boolean) => void,
) => unknown;

/** What decides about a handshake, besides what `verify` looks at. */
export interface AdmissionParts {
  readonly allowRequest: AllowRequest | undefined;
  generateId(request: EngineIncoming): string | Promise<string>;
  /** Whether a session has that id. */
  isTaken(id: string): boolean;
  /** Whether the engine was closed meanwhile. */
  isClosed(): boolean;
  report(error: unknown): void;
}

/** Whether a peer may have a session, and with which id. */
export async function admit(parts: AdmissionParts, request: EngineIncoming): Promise<string | Refusal> {
  const { allowRequest } = parts;
  const report = (error: unknown): void => parts.report(error);
  const refusal = allowRequest && (await askAllowRequest(allowRequest, request, report));
  const stopped = refusal ?? verifyRevision(request._query);
  if (stopped) return stopped;
  try {
    const id: unknown = await parts.generateId(request);
    if (typeof id !== "string" || id === "") throw badId(`it gave ${String(id)}`);
    if (parts.isTaken(id)) throw badId(`it gave ${id}, which a session has already`);
    return parts.isClosed() ? refuseClosed() : id;
  } catch (error) {
    report(error);
    return refuseId(error);
  }
}

export function refuseId(error: unknown): Refusal {
  return refuse(3, { name: "ID_GENERATION_ERROR", error });
}

function badId(what: string): RealtimeError {
  return new RealtimeError("invalid_argument", `generateId must give a text that no session has; ${what}`);
}

/** Asks once; the first decision counts. What is thrown or rejected with refuses, and is reported. SPEC E24. */
function askAllowRequest(
  allowRequest: AllowRequest,
  request: EngineIncoming,
  report: (error: unknown) => void,
): Promise<Refusal | undefined> {
  return new Promise((resolve) => {
    const fail = (error: unknown): void => {
      report(error);
      resolve(forbid(isExposed(error) ? error.message : undefined));
    };
    try {
      const returned = allowRequest(request, (error, isAllowed) =>
        resolve(isAllowed ? undefined : forbid(messageOf(error), error)),
      );
      if (!isThenable(returned)) return;
      returned.then((isAllowed) => {
        // An async function that takes the callback decides with it, and returns nothing.
        if (isAllowed === undefined && allowRequest.length > 1) return;
        if (isAllowed === undefined) return fail(undecided());
        resolve(isAllowed ? undefined : forbid());
      }, fail);
    } catch (error) {
      fail(error);
    }
  });
}

/** `given` is what `connection_error` is told, as it was. */
function forbid(message?: string, given: unknown = message): Refusal {
  return refuse(4, { message: given }, message);
}

function messageOf(error: string | Error | null | undefined): string | undefined {
  return error instanceof Error ? error.message : (error ?? undefined);
}

/** What a bug says is nobody's business; what was made to be shown says so. */
function isExposed(error: unknown): error is Error {
  return error instanceof Error && "expose" in error && error.expose === true;
}

function undecided(): RealtimeError {
  const fix = "return true or false, or call the callback that is its second parameter";
  return new RealtimeError("invalid_argument", `allowRequest resolved to undefined, which refuses; ${fix}`);
}
