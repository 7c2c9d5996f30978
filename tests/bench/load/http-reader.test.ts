import { expect, test } from "vitest";
import { HttpReader } from "./http-reader.ts";

const STREAM = Buffer.from(
  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nhello" +
    "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n" +
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123\r\n6789\r\n0\r\n\r\n" +
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
);
const EXPECTED = [
  [200, "hello"],
  [400, ""],
  [200, "abc0123\r\n6789"],
  [200, "ok"],
];

test.each([1, 2, 3, 5, 64, 10_000])("answers come out of pieces of %d bytes", (size) => {
  const answers: [number, string][] = [];
  let body = "";
  const reader = new HttpReader({
    onBody: (bytes) => (body += bytes.toString("latin1")),
    onEnd: (status) => {
      answers.push([status, body]);
      body = "";
    },
  });
  for (let at = 0; at < STREAM.length; at += size) reader.push(STREAM.subarray(at, at + size));
  expect(answers).toEqual(EXPECTED);
});
