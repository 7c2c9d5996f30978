import type { IncomingMessage, ServerResponse } from "../host/host.ts";
import { debug } from "./debug.ts";

/** What Express has: it calls `next`, or answers by itself. May be async. */
export type EngineMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => unknown;

/**
 * Runs them in order, each when the one before has called `next`. Rejects with what one failed with, or passed on; stays
 * pending when one answers by itself.
 */
export async function runMiddlewares(
  middlewares: readonly EngineMiddleware[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  for (const middleware of middlewares) await runMiddleware(middleware, request, response);
}

function runMiddleware(
  middleware: EngineMiddleware,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let isSettled = false;
    const next = (error?: unknown): void => {
      if (isSettled) return debug("a middleware called next() again");
      isSettled = true;
      // As Express has it, what is not truthy is no error.
      if (error) reject(error as Error);
      else resolve();
    };
    try {
      const returned = middleware(request, response, next);
      // A rejection without a reason is one all the same.
      if (isThenable(returned))
        returned.then(undefined, (error: unknown) => next(error || new Error("rejected")));
    } catch (error) {
      next(error || new Error("thrown"));
    }
  });
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
