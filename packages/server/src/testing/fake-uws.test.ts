import { expect, test } from "vitest";
import type { UwsRequest, UwsResponse, UwsWebSocket } from "../host/uws-api.ts";
import { FakeUwsApp } from "./fake-uws.ts";

// A double that lets a mistake pass proves nothing, so each mistake is made once.

function request(handle: (response: UwsResponse, request: UwsRequest) => void, hasBody = false) {
  const app = new FakeUwsApp();
  app.any("/", (response, native) => {
    response.onAborted(() => {});
    handle(response, native);
  });
  return { app, call: app.request({ url: "/", method: hasBody ? "POST" : "GET", hasBody }) };
}

test("[H1] a request that is read after its callback is noted", () => {
  let kept: UwsRequest | undefined;
  const { app } = request((_response, native) => (kept = native));
  expect(() => kept?.getHeader("host")).toThrow("after its callback");
  expect(app.violations).toEqual(["request.getHeader after its callback"]);
});

test("[H1] a piece of a body that was kept is empty", () => {
  let kept: ArrayBuffer | undefined;
  const { call } = request((response) => response.onData((chunk) => (kept = chunk)), true);
  call.send("text", true);
  expect(kept?.byteLength).toBe(0);
});

test("[H3] an answer after the callback must be corked, and none may follow another", () => {
  let kept: UwsResponse | undefined;
  const { app } = request((response) => (kept = response));
  expect(() => kept?.end("late")).toThrow("outside of a cork");
  kept?.cork(() => kept?.end("late"));
  expect(() => kept?.cork(() => {})).toThrow("after its end");
  expect(app.violations).toHaveLength(2);
});

test("[H10] an answer to a peer that left is noted, and so is a handler that can neither answer nor be told", () => {
  let kept: UwsResponse | undefined;
  const { app, call } = request((response) => (kept = response));
  call.abort();
  expect(() => kept?.cork(() => {})).toThrow("after its end or abort");
  const forgetful = new FakeUwsApp().any("/", () => {});
  expect(() => forgetful.request({ url: "/" })).toThrow("without onAborted");
  expect(app.violations).toHaveLength(1);
});

test("[H5] what is thrown through a callback is noted", () => {
  const { app } = request(() => {
    throw new Error("mine");
  });
  expect(app.violations).toEqual(["thrown through a native callback: Error: mine"]);
});

test("[H7] a WebSocket that is used from its close handler on is noted, and a message that was kept is empty", () => {
  const app = new FakeUwsApp();
  let ws: UwsWebSocket<{ name: string }> | undefined;
  let kept: ArrayBuffer | undefined;
  app.ws<{ name: string }>("/", {
    upgrade: (response, native, context) =>
      response.upgrade({ name: "x" }, native.getHeader("a"), "", "", context),
    open: (opened) => (ws = opened),
    message: (_ws, message) => (kept = message),
    close: (closed) => closed.send("from the handler"),
  });
  const { client } = app.connect({ url: "/" });
  client?.say("text");
  expect([kept?.byteLength, ws?.getUserData()]).toEqual([0, { name: "x" }]);
  client?.leave(1000);
  expect(() => ws?.getBufferedAmount()).toThrow("after its close");
  expect(app.violations).toEqual([
    "ws.send after its close",
    "thrown through a native callback: Error: ws.send after its close",
    "ws.getBufferedAmount after its close",
  ]);
});
