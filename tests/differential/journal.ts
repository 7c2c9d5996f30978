import { isDeepStrictEqual } from "node:util";
import { within } from "../interop/wait.ts";

const WAIT_MS = 5_000;

/** What a scenario observed: for each track its lines, in order. Between tracks no order is promised. */
export type Observations = ReadonlyMap<string, readonly string[]>;

interface Waiter {
  readonly isOver: () => boolean;
  readonly resolve: () => void;
}

/** Takes down what a scenario sees. Times are never written down, only what came after what. */
export class Journal {
  readonly #tracks = new Map<string, { readonly kind: string; readonly line: string }[]>();
  readonly #waiters = new Set<Waiter>();

  note(track: string, kind: string, ...values: readonly unknown[]): void {
    const lines = this.#tracks.get(track) ?? [];
    this.#tracks.set(track, lines);
    lines.push({ kind, line: [kind, ...values.map((value) => show(value))].join(" ") });
    for (const waiter of this.#waiters) if (waiter.isOver()) waiter.resolve();
  }

  /** Returns when the track has so many lines of that kind. */
  async seen(track: string, kind: string, count = 1): Promise<void> {
    const isOver = (): boolean => this.#count(track, kind) >= count;
    if (isOver()) return;
    let waiter: Waiter | undefined;
    const done = new Promise<void>((resolve) => this.#waiters.add((waiter = { isOver, resolve })));
    const describe = (): string =>
      `${this.#count(track, kind)} of ${count} "${kind}" on "${track}"; seen:\n${this.text()}`;
    await within(done, describe, WAIT_MS).finally(() => waiter && this.#waiters.delete(waiter));
  }

  /** With everything that differs from run to run named by the order of its appearance. */
  observations(places: ReadonlyMap<number, string>): Observations {
    const names = new Map<string, string>();
    const tracks = [...this.#tracks.keys()].toSorted();
    return new Map(
      tracks.map((track) => [track, this.#lines(track).map((line) => canonical(line, names, places))]),
    );
  }

  #lines(track: string): string[] {
    return (this.#tracks.get(track) ?? []).map(({ line }) => line);
  }

  #count(track: string, kind: string): number {
    return (this.#tracks.get(track) ?? []).filter((line) => line.kind === kind).length;
  }

  /** All of it, for whoever asks why nothing more comes. */
  text(): string {
    return [...this.#tracks.keys()]
      .flatMap((track) => this.#lines(track).map((line) => `  ${track} │ ${line}`))
      .join("\n");
  }
}

const ID = /(?<![\w-])[\w-]{20}(?![\w-])/g;
const PORT = /(?<=(?:127\.0\.0\.1|localhost):)\d+/g;

/** Ids are twenty random characters, which without exception have a capital or a digit among them. */
function canonical(line: string, names: Map<string, string>, places: ReadonlyMap<number, string>): string {
  return line
    .replaceAll(PORT, (port) => places.get(Number(port)) ?? port)
    .replaceAll(ID, (id) => {
      if (!/[A-Z0-9]/.test(id)) return id;
      const name = names.get(id) ?? `<id ${names.size + 1}>`;
      names.set(id, name);
      return name;
    });
}

/** A value as an application can see it; whose class it is does not count, unless it is bytes. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return "function";
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Error) return showError(value);
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (value instanceof Set) return `Set${show([...value])}`;
  if (value instanceof Map) return `Map${show([...value])}`;
  if (value instanceof Date) return `Date(${value.toISOString()})`;
  if (Buffer.isBuffer(value)) return `Buffer<${value.toString("hex")}>`;
  if (value instanceof ArrayBuffer) return `ArrayBuffer<${Buffer.from(value).toString("hex")}>`;
  if (ArrayBuffer.isView(value)) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return `${value.constructor.name}<${bytes.toString("hex")}>`;
  }
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, member]) => `${name}: ${show(member)}`).join(", ")}}`;
}

function showError(error: Error): string {
  const more = "data" in error && error.data !== undefined ? `, data: ${show(error.data)}` : "";
  return `Error(${JSON.stringify(error.message)}${more})`;
}

/** What is only here, `-`, and what is only there, `+`, with the track before it. */
export function differencesOf(stock: Observations, ours: Observations): string[] {
  if (isDeepStrictEqual(stock, ours)) return [];
  const tracks = [...new Set([...stock.keys(), ...ours.keys()])].toSorted();
  return tracks.flatMap((track) =>
    changes(stock.get(track) ?? [], ours.get(track) ?? []).map(([sign, line]) => `${sign} ${track}: ${line}`),
  );
}

type Change = readonly [sign: "-" | "+", line: string];

/** By the longest common subsequence. */
function changes(from: readonly string[], to: readonly string[]): Change[] {
  const lengths = Array.from({ length: from.length + 1 }, () => new Uint32Array(to.length + 1));
  const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
  for (let i = from.length - 1; i >= 0; i -= 1) {
    for (let j = to.length - 1; j >= 0; j -= 1) {
      const longest = from[i] === to[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
      lengths[i]?.fill(longest, j, j + 1);
    }
  }
  const found: Change[] = [];
  let [i, j] = [0, 0];
  while (i < from.length || j < to.length) {
    if (i < from.length && j < to.length && from[i] === to[j]) [i, j] = [i + 1, j + 1];
    else if (j === to.length || (i < from.length && at(i + 1, j) >= at(i, j + 1))) {
      found.push(["-", from[i] ?? ""]);
      i += 1;
    } else {
      found.push(["+", to[j] ?? ""]);
      j += 1;
    }
  }
  return found;
}
