/** What a client's socket or manager offers of listening. */
interface Source {
  once(event: string, listener: (...args: unknown[]) => void): unknown;
}

/** The arguments of the next event of that name. */
export function heard(source: object, event: string): Promise<unknown[]> {
  return new Promise((resolve) => (source as Source).once(event, (...args) => resolve(args)));
}
