import { expect, test } from "vitest";
import { eventStream } from "./event-stream.ts";

function read(...parts: string[]): { packets: string[]; ends: number } {
  let ends = 0;
  const stream = eventStream(() => ends++);
  return { packets: parts.flatMap((part) => stream(part)), ends };
}

test("[V31] each line of data is a packet, whatever the part that it comes in", () => {
  const text = "data:2\ndata: 4hi\n\ndata:bAQID\n\n";
  const packets = ["2", "4hi", "bAQID"];
  expect(read(text)).toEqual({ packets, ends: 0 });
  expect(read(...text.split(""))).toEqual({ packets, ends: 0 });
  for (let at = 0; at < text.length; at++) {
    expect(read(text.slice(0, at), text.slice(at)).packets).toEqual(packets);
  }
});

test("[V31] a line that is not whole is no packet", () => {
  expect(read("data:4a\ndata:4b").packets).toEqual(["4a"]);
});

test("[V31] text with line ends comes as JSON behind a j", () => {
  const text = "4a\nb\r\nc\rd\u2028e\u{1f600}";
  expect(read(`data:j${JSON.stringify(text)}\n`).packets).toEqual([text]);
  expect(read("data:4\u2028 \u{1f600} \n").packets).toEqual(["4\u2028 \u{1f600} "]);
  expect(() => read("data:j{\n")).toThrow(SyntaxError);
});

test("[V31] comments and fields that we do not know are left aside, `event: end` is the end", () => {
  const text =
    ": comment\nid: 7\nretry: 31536000000\nevent: other\ndata:6\nevent\ndatax:1\n\nevent: end\ndata:4x\n\n";
  expect(read(text)).toEqual({ packets: ["6", "4x"], ends: 1 });
  expect(read("event:end\n").ends).toBe(1);
});
