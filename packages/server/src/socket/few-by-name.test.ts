import { expect, test } from "vitest";
import { FewByName } from "./few-by-name.ts";

const NAMES = ["/", "/a", "/b"];
const LENGTH = 4;

/** Every way to set and delete those names, one after another; a step is a name's index, behind them to delete it. */
function* ways(length: number): Generator<number[]> {
  if (length === 0) return yield [];
  for (const way of ways(length - 1)) {
    for (let step = 0; step < 2 * NAMES.length; step++) yield [...way, step];
  }
}

test("it holds what a Map would, whatever is done with it", () => {
  for (const way of ways(LENGTH)) {
    const few = new FewByName<number>();
    const map = new Map<string, number>();
    way.forEach((step, value) => {
      const name = NAMES[step % NAMES.length] ?? "";
      for (const one of [few, map]) {
        if (step < NAMES.length) one.set(name, value);
        else one.delete(name);
      }
    });
    expect(NAMES.map((name) => few.get(name))).toEqual(NAMES.map((name) => map.get(name)));
    expect(new Map(few.entries())).toEqual(map);
    expect(few.entries()).toHaveLength(map.size);
    expect(new Set(few.values())).toEqual(new Set(map.values()));
  }
});
