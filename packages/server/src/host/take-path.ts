import { RealtimeError } from "@bowline/protocol";

const TAKEN = new WeakMap<object, Set<string>>();

/**
 * A path has one engine behind it: two on one HTTP server would answer each other's clients.
 * @throws RealtimeError `invalid_argument`
 */
export function takePath(nativeServer: object, path: string): void {
  const taken = TAKEN.get(nativeServer) ?? new Set();
  if (taken.has(path)) {
    const fix = "attach once, or give the second one another `path`";
    throw new RealtimeError("invalid_argument", `${path} is answered on this server already: ${fix}`);
  }
  TAKEN.set(nativeServer, taken.add(path));
}

/** The host has stopped; the server may be attached to anew. */
export function releasePath(nativeServer: object, path: string): void {
  TAKEN.get(nativeServer)?.delete(path);
}
