import { contain } from "@bowline/protocol/internal";
import type { Auth } from "../options.ts";

/** The data for CONNECT, from whatever `auth` is; calls one of the two once, and the other if that one throws. */
export function askAuth(
  auth: Auth | undefined,
  answer: (data: object | undefined) => void,
  failed: (error: unknown) => void,
): void {
  // The first to settle the promise wins: the callback, what an async function returns, or a throw.
  const ask = (): unknown =>
    typeof auth === "function"
      ? new Promise<object | undefined>((resolve, reject) => {
          const returned: unknown = auth(resolve);
          if (returned instanceof Promise) returned.then(resolve, reject);
        }).then(answer)
      : answer(auth);
  contain(ask, [], failed);
}
