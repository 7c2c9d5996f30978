import { expect, test } from "vitest";
import { type Middleware, type Refusal, refusalAnswer, runMiddleware } from "./middleware.ts";

function outcome(...chain: Middleware<object>[]): Promise<Refusal | undefined> {
  return new Promise((resolve) => runMiddleware(chain, {}, resolve, () => {}));
}

function told(refusal: Refusal | undefined): { message: string; data?: unknown } | undefined {
  return refusal && refusalAnswer(refusal, "the connection was refused");
}

test("[S35] an empty chain lets everybody in, at once", () => {
  let isDone = false;
  runMiddleware(
    [],
    {},
    () => (isDone = true),
    () => expect.unreachable(),
  );
  expect(isDone).toBe(true);
});

test("[S35] runs in order, callbacks and promises mixed", async () => {
  const order: number[] = [];
  const refusal = await outcome(
    (_socket, next) => {
      order.push(1);
      setImmediate(next);
    },
    async (_socket, next) => {
      await Promise.resolve();
      order.push(2);
      next();
    },
    (_socket, next) => {
      order.push(3);
      next();
    },
  );
  expect(refusal).toBeUndefined();
  expect(order).toEqual([1, 2, 3]);
});

test("[S36] next(err) refuses with the message and the data; who comes after is not asked", async () => {
  const refusal = await outcome(
    (_socket, next) => next(Object.assign(new Error("not you"), { data: { code: 42 } })),
    () => expect.unreachable(),
  );
  expect(refusal?.thrown).toBe(false);
  expect(told(refusal)).toEqual({ message: "not you", data: { code: 42 } });
});

test("[S37] a throw or a rejection refuses without telling what it was", async () => {
  const secret = new Error("connect to db.internal failed");
  const thrown = await outcome(() => {
    throw secret;
  });
  const rejected = await outcome(async () => Promise.reject(secret));
  for (const refusal of [thrown, rejected]) {
    expect(refusal).toEqual({ error: secret, thrown: true });
    expect(told(refusal)).toEqual({ message: "the connection was refused" });
  }
});

test("[S37] an error that says expose: true is told", async () => {
  const refusal = await outcome(() => {
    throw Object.assign(new Error("token expired"), { expose: true, data: 1 });
  });
  expect(told(refusal)).toEqual({ message: "token expired", data: 1 });
});

test("[S35] only the first call of next counts", async () => {
  let asked = 0;
  const refusal = await outcome(
    (_socket, next) => {
      next();
      next(new Error("too late"));
    },
    (_socket, next) => {
      asked++;
      next();
    },
  );
  expect(refusal).toBeUndefined();
  expect(asked).toBe(1);
});

test("[S35] a guard whose parameters a wrapper hides is still waited for", async () => {
  const guard: Middleware<object> = (_socket, next) => void setImmediate(() => next(new Error("no")));
  const wrapped = (...args: Parameters<typeof guard>): ReturnType<typeof guard> => guard(...args);
  expect(wrapped.length).toBe(0);
  expect(told(await outcome(wrapped))?.message).toBe("no");
});

test("[S37] what fails after next is reported, though it refuses nothing any more", async () => {
  const failed: unknown[] = [];
  const chain: Middleware<object>[] = [
    (_socket, next) => {
      next();
      throw new Error("at once");
    },
    async (_socket, next) => {
      next();
      await Promise.resolve();
      throw new Error("later");
    },
  ];
  const refusals: unknown[] = [];
  runMiddleware(
    chain,
    {},
    (refusal) => refusals.push(refusal),
    (error) => failed.push((error as Error).message),
  );
  await new Promise(setImmediate);
  expect(failed).toEqual(["at once", "later"]);
  expect(refusals).toEqual([undefined]);
});

test.each([
  ["a text", "no entry", "no entry"],
  ["an object without a message", { code: 5 }, "the connection was refused"],
  ["a message that is no text", { message: Object.create(null) }, "the connection was refused"],
])("[S36] next() with %s still refuses with a message", async (_what, error, message) => {
  const refusal = await outcome((_socket, next) => next(error as unknown as Error));
  expect(told(refusal)).toEqual({ message });
});
