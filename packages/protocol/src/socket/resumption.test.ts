import { expect, test } from "vitest";
import { encodeHandshake, parseHandshake } from "../engine/handshake.ts";
import { escapeName, readName } from "./resumption.ts";

test.each([
  ["tick", "tick"],
  [7, 7],
  ["", ""],
  ["$", "$$"],
  ["$q", "$$q"],
  ["$a", "$$a"],
  ["$$a", "$$$a"],
  ["$~a", "$$~a"],
] as const)("[U2] %j travels as %j, counted", (name, wire) => {
  expect(escapeName(name, false)).toBe(wire);
  expect(readName(wire)).toEqual([name, true]);
});

test.each([
  ["tick", "$~tick"],
  ["$a", "$~$a"],
  ["", "$~"],
] as const)("[U2] volatile, %j travels as %j, and is not counted", (name, wire) => {
  expect(escapeName(name, true)).toBe(wire);
  expect(readName(wire)).toEqual([name, false]);
});

test("[U2] `$q` is counted and not for the application", () => {
  expect(readName("$q")).toEqual([undefined, true]);
});

test.each(["$", "$a", "$s", "$unknown"])("[U2] %s is not counted and not for the application", (wire) => {
  expect(readName(wire)).toEqual([undefined, false]);
});

test("[U1] the open packet tells of extensions behind what stock servers say", () => {
  const stock = { sid: "s", upgrades: [], pingInterval: 1, pingTimeout: 2, maxPayload: 3 };
  const open = encodeHandshake({ ext: { rs: 1 }, ...stock });
  expect(open).toBe(`${encodeHandshake(stock).slice(0, -1)},"ext":{"rs":1}}`);
  expect(parseHandshake(open).ext).toEqual({ rs: 1 });
  expect(parseHandshake(encodeHandshake(stock)).ext).toBeUndefined();
});
