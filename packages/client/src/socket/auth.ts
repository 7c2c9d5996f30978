import type { Auth } from "../options.ts";

/** Whichever comes first: what the function calls back with, what it returns if it is async, or what it throws. */
export function answerOf(auth: Extract<Auth, Function>): Promise<object | undefined> {
  return new Promise((resolve, reject) => {
    const returned: unknown = auth(resolve);
    if (returned instanceof Promise) returned.then(resolve, reject);
  });
}
