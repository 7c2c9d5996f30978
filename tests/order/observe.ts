/** A client of either library. */
export interface Client {
  readonly io: { readonly engine?: { readonly transport: { readonly name: string } } | undefined };
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  emit(event: string, ...args: unknown[]): unknown;
  disconnect(): unknown;
}

const QUESTIONS = 25;

/** Events and answers of one client, in the order in which they arrive. */
export function observe(client: Client): {
  readonly id: Promise<string>;
  readonly numbers: Promise<number[]>;
} {
  const seen: number[] = [];
  const id = new Promise<string>((resolve) => client.on("you", (own) => resolve(String(own))));
  const numbers = new Promise<number[]>((resolve) => client.on("end", () => resolve(seen)));
  client.on("n", (number, ...rest) => {
    seen.push(Number(number));
    const answer = rest.at(-1);
    if (typeof answer === "function") answer();
  });
  for (let asked = 0; asked < QUESTIONS; asked++) {
    client.emit("question", (number: unknown) => seen.push(Number(number)));
  }
  return { id, numbers };
}
