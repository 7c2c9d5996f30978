import type { Session } from "./session.ts";

/** The sessions as Engine.IO has them: a record by id. A view, since a record beside the map could disagree with it. */
export function sessionRecord(sessions: ReadonlyMap<string, Session>): Readonly<Record<string, Session>> {
  const find = (id: string | symbol): Session | undefined => {
    const session = typeof id === "string" ? sessions.get(id) : undefined;
    return session?.readyState === "closed" ? undefined : session;
  };
  return new Proxy<Record<string, Session>>(Object.create(null) as Record<string, Session>, {
    get: (_, id) => find(id),
    has: (_, id) => find(id) !== undefined,
    ownKeys: () => [...sessions.keys()].filter((id) => find(id) !== undefined),
    getOwnPropertyDescriptor: (_, id) => {
      const value = find(id);
      return value && { value, enumerable: true, configurable: true };
    },
    set: () => false,
    deleteProperty: () => false,
    defineProperty: () => false,
  });
}
