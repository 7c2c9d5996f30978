import { expect, test } from "vitest";
import { differencesOf, Journal, show } from "./journal.ts";

const NO_PORTS: ReadonlyMap<number, string> = new Map();

function observed(
  ...lines: readonly (readonly [track: string, kind: string, ...values: unknown[]])[]
): Journal {
  const journal = new Journal();
  for (const [track, kind, ...values] of lines) journal.note(track, kind, ...values);
  return journal;
}

function compared(stock: Journal, ours: Journal): string[] {
  return differencesOf(stock.observations(NO_PORTS), ours.observations(NO_PORTS));
}

test("[differential] what is only here, only there, or in another order is a difference; between tracks none is", () => {
  const stock = observed(["a", "x", 1], ["b", "y"], ["a", "z"]);
  expect(compared(stock, observed(["b", "y"], ["a", "x", 1], ["a", "z"]))).toEqual([]);
  expect(compared(stock, observed(["a", "x", 2], ["b", "y"], ["a", "z"]))).toEqual(["- a: x 1", "+ a: x 2"]);
  expect(compared(stock, observed(["a", "z"], ["b", "y"], ["a", "x", 1]))).toHaveLength(2);
  expect(compared(stock, observed(["a", "x", 1], ["a", "z"]))).toEqual(["- b: y"]);
  expect(compared(stock, observed(["a", "x", 1], ["b", "y"], ["a", "z"], ["a", "z"]))).toEqual(["+ a: z"]);
});

test("[differential] ids count by which is which, not by what they are", () => {
  const [one, two, three] = ["A2345678901234567890", "B2345678901234567890", "C2345678901234567890"];
  const stock = observed(["a", "x", one], ["a", "x", two], ["a", "x", one]);
  expect(compared(stock, observed(["a", "x", three], ["a", "x", one], ["a", "x", three]))).toEqual([]);
  expect(compared(stock, observed(["a", "x", three], ["a", "x", one], ["a", "x", one]))).not.toEqual([]);
});

test("[differential] values that an application could tell apart are shown apart", () => {
  const bytes = new Uint8Array([1]);
  const values = [
    ...[1, "1", [1], { a: 1 }, null, undefined, true, Number.NaN, new Set([1]), new Map([[1, 1]])],
    ...[Buffer.from(bytes), bytes, bytes.buffer, new Error("1"), Object.assign(new Error("1"), { data: 1 })],
  ];
  expect(new Set(values.map(show)).size).toBe(values.length);
});
