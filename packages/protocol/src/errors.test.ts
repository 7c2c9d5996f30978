import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { RealtimeError } from "./errors.ts";

describe("RealtimeError", () => {
  it("[P1] is an Error with a code, and the code shows where people look", () => {
    const error = new RealtimeError("bad_packet", "no type");
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code: "bad_packet", message: "no type", data: undefined });
    expect(String(error)).toBe("RealtimeError [bad_packet]: no type");
    expect(error.stack).toMatch(/^RealtimeError \[bad_packet\]: no type\n/);
    expect(inspect(error)).toMatch(/^RealtimeError \[bad_packet\]: no type/);
  });

  it("[P1] has a cause only when one was given, even if it is undefined", () => {
    expect("cause" in new RealtimeError("refused", "no")).toBe(false);
    expect("cause" in new RealtimeError("refused", "no", { data: 1 })).toBe(false);
    expect("cause" in new RealtimeError("refused", "no", { cause: undefined })).toBe(true);
    expect(new RealtimeError("refused", "no", { cause: 1, data: 2 })).toMatchObject({ cause: 1, data: 2 });
  });

  it("[P1] from leaves ours as they are and wraps all else", () => {
    const ours = new RealtimeError("ack_timeout", "late");
    expect(RealtimeError.from(ours, "bad_packet", "what")).toBe(ours);
    for (const thrown of [new Error("x"), "text", undefined, null, Object.create(null)]) {
      expect(RealtimeError.from(thrown, "bad_packet", "what")).toMatchObject({
        code: "bad_packet",
        message: "what",
        cause: thrown,
      });
    }
  });
});
