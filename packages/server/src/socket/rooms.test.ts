import { expect, test } from "vitest";
import { Rooms } from "./rooms.ts";

test("[S51] a room is there from the first join to the last leave", () => {
  const rooms = new Rooms<string>();
  rooms.add("a", "ada");
  rooms.add("a", "bob");
  rooms.add("a", "bob");
  expect([...(rooms.of("a") ?? [])]).toEqual(["ada", "bob"]);
  rooms.remove("a", "ada");
  rooms.remove("a", "ada");
  rooms.remove("a", "bob");
  expect(rooms.of("a")).toBeUndefined();
  expect(rooms.size).toBe(0);
});

test("[S51] leaving a room that is not there leaves nothing behind", () => {
  const rooms = new Rooms<string>();
  rooms.remove("nowhere", "ada");
  expect(rooms.size).toBe(0);
});

test("[S51] rooms may be called as members of Object.prototype", () => {
  const rooms = new Rooms<string>();
  for (const name of ["__proto__", "constructor", "toString"]) {
    expect(rooms.of(name)).toBeUndefined();
    rooms.add(name, "ada");
    expect([...(rooms.of(name) ?? [])]).toEqual(["ada"]);
  }
});
