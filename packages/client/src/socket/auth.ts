import type { Auth } from "../options.ts";

/** The data for CONNECT, from whatever `auth` is; calls one of the two once. */
export function askAuth(
  auth: Auth | undefined,
  answer: (data: object | undefined) => void,
  failed: (error: unknown) => void,
): void {
  if (typeof auth !== "function") {
    answer(auth);
    return;
  }
  // The first to settle the promise wins: the callback, what an async function returns, or a throw.
  new Promise<object | undefined>((resolve, reject) => {
    const returned: unknown = auth(resolve);
    if (returned instanceof Promise) returned.then(resolve, reject);
  }).then(answer, failed);
}
