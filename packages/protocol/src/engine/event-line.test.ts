import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Base64 } from "./base64.ts";
import { encodeEventLine } from "./event-line.ts";
import type { EnginePacket } from "./packet.ts";

const base64: Base64 = {
  encode: (bytes) => Buffer.from(bytes).toString("base64"),
  decode: (text) => new Uint8Array(Buffer.from(text, "base64")),
};

const line = (packet: EnginePacket): string => encodeEventLine(packet, base64);
const say = (data: string | Uint8Array): string => line({ type: "message", data });

/** As the standard reads a line: three line ends, and one space after the colon that does not count. */
function read(text: string): string[] {
  const values = text.split(/\r\n|\r|\n/).slice(0, -1);
  return values.map((value) => value.replace(/^data: ?/, ""));
}

describe("lines of server-sent events", () => {
  it("[V1] a packet is a line as it is, bytes are base64", () => {
    expect(line({ type: "ping", data: "" })).toBe("data:2\n");
    expect(say(" hi \u2028 \u{1f600} ")).toBe("data:4 hi \u2028 \u{1f600} \n");
    expect(say(Uint8Array.of(1, 2, 3))).toBe("data:bAQID\n");
  });

  it("[V1] line ends travel as JSON behind a j", () => {
    expect(say("a\nb")).toBe('data:j"4a\\nb"\n');
    expect(say("\r")).toBe('data:j"4\\r"\n');
    expect(say("\r\n")).toBe('data:j"4\\r\\n"\n');
  });

  it("[V1] any text comes back as it was", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: fc.constantFrom("\r", "\n", "j", '"', " ") }),
    );
    fc.assert(
      fc.property(text, (data) => {
        const values = read(say(data));
        expect(values).toHaveLength(1);
        const [value = ""] = values;
        expect(value[0] === "j" ? JSON.parse(value.slice(1)) : value).toBe(`4${data}`);
      }),
      { numRuns: 1000 },
    );
  });
});
