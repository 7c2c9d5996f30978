import { expect, test } from "vitest";
import { seeded } from "../testing/seeded.ts";
import { type Flushable, TurnFrames, TurnQueue } from "./turn-queue.ts";

const SLICE = 3;

/** A queue whose turns end when the test says so, and what left in each. */
class World {
  readonly queue: TurnQueue;
  readonly turns: string[][] = [];
  /** 1 when the end of a turn was asked for, and never more. */
  due = 0;

  constructor(slice: number = SLICE) {
    this.queue = new TurnQueue(slice, () => this.due++);
  }

  one(name: string, flushed?: () => void): Flushable {
    return {
      waits: 0,
      flush: () => {
        this.turns.at(-1)?.push(name);
        flushed?.();
      },
    };
  }

  many(names: string): readonly Flushable[] {
    return Array.from(names, (name) => this.one(name));
  }

  add(all: readonly Flushable[]): void {
    for (const one of all) this.queue.add(one);
  }

  /** Says whether another one is to come. */
  endTurn(): boolean {
    this.due = 0;
    this.turns.push([]);
    this.queue.endTurn();
    return this.due > 0;
  }

  get left(): readonly string[] {
    return this.turns.map((turn) => turn.join(""));
  }
}

test("[H8] who was added, once or often, leaves once, when the turn ends", () => {
  const world = new World();
  const few = world.many("ab");
  world.add([...few, ...few]);
  expect([world.due, world.left]).toEqual([1, []]);
  expect(world.endTurn()).toBe(false);
  expect(world.left).toEqual(["ab"]);
  world.add(few);
  expect(world.endTurn()).toBe(false);
  expect(world.left).toEqual(["ab", "ab"]);
});

test("[H30] what is more than a slice falls behind, and leaves by the slice", () => {
  const world = new World();
  world.add(world.many("abcdefghijkl"));
  while (world.endTurn());
  expect(world.left).toEqual(["abcdef", "ghi", "jkl"]);
});

test("[H30] who was added since leaves first, also who was behind, and is not waited for again", () => {
  const world = new World();
  const all = world.many("abcdefghijkl");
  world.add(all);
  world.endTurn();
  const late = world.one("z");
  world.add([...all.slice(-1), late]);
  world.endTurn();
  expect(world.left).toEqual(["abcdef", "lzghi"]);
  // Its place behind is still there: it has nothing to write any more.
  expect(world.endTurn()).toBe(false);
  expect(world.left.at(-1)).toBe("jkl");
});

test("[H30] those behind leave however many are added each turn", () => {
  const world = new World();
  const all = world.many("abcdefghijkl");
  const seen = new Set<string>();
  for (let turn = 0; seen.size < all.length; turn++) {
    world.add(all);
    world.endTurn();
    for (const name of world.turns.at(-1) ?? []) seen.add(name);
    expect(turn).toBeLessThan(all.length / SLICE);
  }
});

test("[H8] who is added while others leave comes in the next turn", () => {
  const world = new World();
  const next = world.one("b");
  world.queue.add(world.one("a", () => world.queue.add(next)));
  expect([world.endTurn(), world.endTurn(), world.left]).toEqual([true, false, ["a", "b"]]);
});

test("[H30] flush() waits for no turn, nor for what is added by who leaves", () => {
  const world = new World();
  world.turns.push([]);
  const next = world.one("!");
  world.add([world.one("?", () => world.queue.add(next)), ...world.many("abcdefghijkl")]);
  world.queue.flush();
  expect(world.left.join("")).toBe("?abcde!fghijkl");
  expect(world.queue.isEmpty).toBe(true);
});

/** What a random history breaks; nothing, if all is well. */
function broken(seed: number): string | undefined {
  const random = seeded(seed);
  const below = (count: number): number => Math.floor(random() * count);
  const slice = 1 + below(4);
  const world = new World(slice);
  const count = 1 + below(20);
  /** Since which turn each that has something to write has it. */
  const since = new Map<string, number>();
  const add = (index: number): void => {
    const name = `${index}`;
    if (!since.has(name)) since.set(name, world.turns.length);
    world.queue.add(all[index] as Flushable);
  };
  const all: readonly Flushable[] = Array.from({ length: count }, (_, index) =>
    world.one(`${index}`, () => {
      since.delete(`${index}`);
      if (random() < 0.2) add(below(count));
    }),
  );
  for (let turn = 0; turn < 30; turn++) {
    const isBroadcast = random() < 0.3;
    for (let index = 0; index < count; index++) if (isBroadcast || random() < 0.1) add(index);
    if (world.due > 1) return `turn ${turn}: its end was asked for ${world.due} times`;
    if (since.size > 0 && world.due === 0) return `turn ${turn}: nobody asked for its end`;
    if (world.due > 0) world.endTurn();
    if ((world.turns.at(-1)?.length ?? 0) > 2 * slice) return `turn ${turn}: too many left`;
    const oldest = Math.min(world.turns.length, ...since.values());
    if (world.turns.length - oldest > 1 + count / slice) return `turn ${turn}: somebody waits too long`;
  }
  return undefined;
}

test("[H30] whoever adds whom and when: all leave soon, no turn is long, and its end is asked for once", () => {
  const found = Array.from({ length: 2_000 }, (_, seed) => [seed, broken(seed)]).filter(([, what]) => what);
  expect(found).toEqual([]);
});

test("[H8] what was made of a frame is made once a turn, and forgotten at its end", () => {
  const world = new World();
  let made = 0;
  const frames = new TurnFrames(world.queue, () => ++made);
  expect([frames.of("a"), frames.of("b"), frames.of("a"), frames.of("b")]).toEqual([1, 2, 1, 2]);
  expect(world.endTurn()).toBe(false);
  expect(frames.of("a")).toBe(3);
});
