import { describe, expect, it, vi } from "vitest";
import { contain, Listeners } from "./listeners.ts";

function setUp(): {
  listeners: Listeners;
  calls: string[];
  log: (name: string) => () => void;
  failed: ReturnType<typeof vi.fn<(error: unknown) => void>>;
} {
  const calls: string[] = [];
  return {
    listeners: new Listeners(),
    calls,
    log: (name) => () => void calls.push(name),
    failed: vi.fn<(error: unknown) => void>(),
  };
}

describe("Listeners", () => {
  it("[P2] run in the order they were added, prepended ones first", () => {
    const { listeners, calls, log, failed } = setUp();
    listeners.on("e", log("a"));
    listeners.on("e", log("b"), 1);
    listeners.prepend("e", log("c"));
    expect(listeners.dispatch("e", [], failed)).toBe(true);
    expect(calls).toEqual(["c", "a", "b"]);
    expect(listeners.dispatch("nobody", [], failed)).toBe(false);
  });

  it("[P2] get the arguments as they are", () => {
    const { listeners, failed } = setUp();
    const listener = vi.fn();
    const argument = {};
    listeners.on(1, listener);
    listeners.dispatch(1, ["a", argument, undefined], failed);
    expect(listener.mock.calls).toEqual([["a", argument, undefined]]);
    expect(listener.mock.calls[0]?.[1]).toBe(argument);
  });

  it("[P2] one that throws or rejects does not keep the others from running", async () => {
    const { listeners, calls, log, failed } = setUp();
    listeners.on("e", () => {
      throw new Error("thrown");
    });
    listeners.on("e", () => Promise.reject(new Error("rejected")));
    listeners.on("e", log("last"));
    listeners.dispatch("e", [], failed);
    expect(calls).toEqual(["last"]);
    await Promise.resolve();
    expect(failed.mock.calls.map(([error]) => (error as Error).message)).toEqual(["thrown", "rejected"]);
  });

  it("[P2] a once runs once, even when its event is dispatched from inside", () => {
    const { listeners, calls, log, failed } = setUp();
    const first = (): void => {
      calls.push("first");
      listeners.dispatch("e", [], failed);
    };
    listeners.on("e", first, 1);
    listeners.on("e", log("second"), 1);
    listeners.dispatch("e", [], failed);
    expect(calls).toEqual(["first", "second"]);
    expect(listeners.has("e")).toBe(false);
  });

  it("[P2] one that is added while the event runs waits for the next", () => {
    const { listeners, calls, log, failed } = setUp();
    listeners.on("e", () => listeners.on("e", log("added")), 1);
    listeners.dispatch("e", [], failed);
    expect(calls).toEqual([]);
    listeners.dispatch("e", [], failed);
    expect(calls).toEqual(["added"]);
  });

  it("[P2] one that is removed while the event runs still gets this one", () => {
    const { listeners, calls, log, failed } = setUp();
    const removed = log("removed");
    listeners.on("e", () => listeners.off("e", removed));
    listeners.on("e", removed);
    listeners.dispatch("e", [], failed);
    listeners.dispatch("e", [], failed);
    expect(calls).toEqual(["removed"]);
  });

  it("[P2] off takes one of equal ones, all of an event, or all there are", () => {
    const { listeners, log } = setUp();
    const twice = log("twice");
    const other = log("other");
    listeners.on("e", twice);
    listeners.on("e", other);
    listeners.on("e", twice, 1);
    listeners.on("f", other);
    listeners.off("e", twice);
    expect(listeners.list("e")).toEqual([other, twice]);
    listeners.off("e", () => undefined);
    listeners.off("unknown", twice);
    expect(listeners.list("e")).toHaveLength(2);
    listeners.off("e");
    expect([listeners.has("e"), listeners.has("f")]).toEqual([false, true]);
    listeners.off();
    expect(listeners.has("f")).toBe(false);
  });

  it("[P2] events called like members of Object.prototype are events like any other", () => {
    const { listeners, failed } = setUp();
    for (const event of ["__proto__", "constructor", "toString"]) {
      expect([listeners.has(event), listeners.dispatch(event, [], failed)]).toEqual([false, false]);
      listeners.on(event, () => undefined);
      expect(listeners.list(event)).toHaveLength(1);
    }
  });

  it("[P2] list is a copy", () => {
    const { listeners, log } = setUp();
    listeners.on("e", log("a"));
    listeners.list("e").pop();
    expect(listeners.list("e")).toHaveLength(1);
  });
});

describe("contain", () => {
  /** A thenable, which a linter would rather not see written out. */
  function thenable(descriptor: PropertyDescriptor): object {
    const name: string = ["th", "en"].join("");
    return Object.defineProperty({}, name, descriptor);
  }

  it("[P2] takes whatever is thrown, and thenables that throw", async () => {
    const failed = vi.fn<(error: unknown) => void>();
    const thrower = (thrown: unknown) => (): never => {
      throw thrown;
    };
    contain(thrower(undefined), [], failed);
    contain(() => thenable({ get: thrower("getter") }), [], failed);
    contain(
      () => thenable({ value: (_done: unknown, no: (error: string) => void) => no("rejected") }),
      [],
      failed,
    );
    contain(() => thenable({ value: "no function" }), [], failed);
    await Promise.resolve();
    expect(failed.mock.calls).toEqual([[undefined], ["getter"], ["rejected"]]);
  });
});

it("[P2] a number and its digits are one event", () => {
  const listeners = new Listeners();
  const run = vi.fn();
  listeners.on(7, run);
  listeners.on("__proto__", run);
  expect(listeners.has("7")).toBe(true);
  for (const event of ["7", 7, "__proto__", "constructor"]) listeners.dispatch(event, [], () => {});
  expect(run).toHaveBeenCalledTimes(3);
});
