import { describe, expect, it, vi } from "vitest";
import { RealtimeError } from "../errors.ts";
import { virtualClock } from "../testing.ts";
import { AckTable, type SettleAck, toErrorAnswer } from "./ack-table.ts";

function setUp(): {
  clock: ReturnType<typeof virtualClock>;
  table: AckTable;
  settle: ReturnType<typeof vi.fn<SettleAck>>;
} {
  const clock = virtualClock();
  return { clock, table: new AckTable(clock), settle: vi.fn<SettleAck>() };
}

const gone = new RealtimeError("disconnected", "gone");

describe("AckTable", () => {
  it("[S20] an answer settles the ack that has its id, once", () => {
    const { table, settle } = setUp();
    const other = vi.fn<SettleAck>();
    table.add(7, settle);
    table.add(8, other);
    table.answer(7, ["a", 1]);
    table.answer(7, ["b"]);
    expect(settle.mock.calls).toEqual([[null, ["a", 1]]]);
    expect(other).not.toHaveBeenCalled();
  });

  it.each([0, -1, 1.5, Number.NaN, Number.MAX_SAFE_INTEGER])(
    "[S21] an answer to %d, which nobody asked, is ignored",
    (id) => {
      const { table, settle } = setUp();
      table.add(1, settle);
      table.answer(id, []);
      expect(settle).not.toHaveBeenCalled();
    },
  );

  it("[S22] without an answer in time the ack fails, and a late answer changes nothing", async () => {
    const { clock, table, settle } = setUp();
    table.add(1, settle, 100);
    await clock.advance(99);
    expect(settle).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(settle.mock.calls).toEqual([[expect.objectContaining({ code: "ack_timeout" }), []]]);
    table.answer(1, ["late"]);
    expect(settle).toHaveBeenCalledTimes(1);
  });

  it("[S22] an answer in time clears the timer", async () => {
    const { clock, table, settle } = setUp();
    table.add(1, settle, 100);
    table.answer(1, []);
    expect(clock.pending).toBe(0);
    await clock.advance(1000);
    expect(settle).toHaveBeenCalledTimes(1);
  });

  it("[S22] without a timeout an ack waits as long as its socket lives", async () => {
    const { clock, table, settle } = setUp();
    table.add(1, settle);
    expect(clock.pending).toBe(0);
    await clock.advance(1e12);
    expect(settle).not.toHaveBeenCalled();
  });

  it("[S23] when the socket ends every ack fails once, and no timer stays", () => {
    const { clock, table, settle } = setUp();
    const other = vi.fn<SettleAck>();
    table.add(1, settle, 100);
    table.add(2, other);
    table.failAll(gone);
    table.failAll(gone);
    expect(settle.mock.calls).toEqual([[gone, []]]);
    expect(other.mock.calls).toEqual([[gone, []]]);
    expect(clock.pending).toBe(0);
  });

  it("[S23] acks that are added or answered while all fail are not settled twice", () => {
    const { table, settle } = setUp();
    const late = vi.fn<SettleAck>();
    table.add(1, () => {
      table.answer(2, ["from inside"]);
      table.add(3, late);
    });
    table.add(2, settle);
    table.failAll(gone);
    expect(settle.mock.calls).toEqual([[null, ["from inside"]]]);
    expect(late).not.toHaveBeenCalled();
  });

  it("[S24] the answer of a handler that failed is a failure", () => {
    const { table, settle } = setUp();
    table.add(1, settle);
    table.answer(1, [{ $error: { message: "no such room", data: { room: "x" } } }]);
    const [error] = settle.mock.calls[0] ?? [];
    expect(error).toMatchObject({ code: "handler_failed", message: "no such room", data: { room: "x" } });
  });

  it.each([
    [[{ $error: "text" }]],
    [[{ $error: null }]],
    [[{ $error: { message: "x" } }, "second"]],
    [["x", { $error: { message: "x" } }]],
    [[null]],
    [[]],
    [[JSON.parse('{"__proto__":{"$error":{"message":"x"}}}')]],
  ])("[S24] %j is an answer like any other", (answer) => {
    const { table, settle } = setUp();
    table.add(1, settle);
    table.answer(1, answer);
    expect(settle.mock.calls).toEqual([[null, answer]]);
  });

  it.each([{}, { message: 1 }, { message: null }, []])(
    "[S24] a failure that says %j still is one",
    ($error) => {
      const { table, settle } = setUp();
      table.add(1, settle);
      table.answer(1, [{ $error }]);
      expect(settle.mock.calls[0]?.[0]).toMatchObject({
        code: "handler_failed",
        message: "the handler failed",
      });
    },
  );
});

describe("toErrorAnswer", () => {
  it("[S24] says nothing of an error that is not meant for the peer", () => {
    for (const error of [
      new Error("SELECT * FROM"),
      "text",
      null,
      undefined,
      { expose: "yes", message: "secret" },
    ]) {
      expect(toErrorAnswer(error, "save")).toEqual({ $error: { message: 'the handler of "save" failed' } });
    }
  });

  it("[S24] passes on message and data of an error that says `expose: true`", () => {
    const error = Object.assign(new Error("no such room"), { expose: true });
    expect(toErrorAnswer(error, "save")).toEqual({ $error: { message: "no such room" } });
    expect(toErrorAnswer(Object.assign(error, { data: { room: 1 } }), 5)).toEqual({
      $error: { message: "no such room", data: { room: 1 } },
    });
  });

  it("[S24] an exposed error without a message gets the plain one", () => {
    expect(toErrorAnswer({ expose: true, message: Object.create(null) as unknown }, 5)).toEqual({
      $error: { message: 'the handler of "5" failed' },
    });
  });
});
