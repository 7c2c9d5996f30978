import { expect, test } from "vitest";
import { captureRequest, ResponseCapture } from "./captured-response.ts";
import type { HostResponse } from "./host.ts";

function capture(): { readonly answers: HostResponse[]; readonly response: ResponseCapture["response"] } {
  const answers: HostResponse[] = [];
  const link = { headers: {}, remoteAddress: "192.0.2.1", secure: false };
  const request = captureRequest({ method: "GET", url: "/", ...link });
  return { answers, response: new ResponseCapture(request, (answer) => answers.push(answer)).response };
}

test("[H15] each write of a captured response calls back, wherever the callback stands, and so does its end", async () => {
  const { answers, response } = capture();
  const called: string[] = [];
  await new Promise<void>((resolve) => {
    response.write("a", () => called.push("a"));
    response.write("6c61", "hex", () => called.push("b"));
    response.end(() => {
      called.push("end");
      resolve();
    });
  });
  expect(called).toEqual(["a", "b", "end"]);
  expect(answers).toMatchObject([{ status: 200, body: Buffer.from("ala") }]);
});

test("[H15] what is written behind the end goes nowhere", () => {
  const { answers, response } = capture();
  response.end("whole");
  expect(response.write("more")).toBe(false);
  response.end("more");
  expect(answers).toMatchObject([{ body: Buffer.from("whole") }]);
});
