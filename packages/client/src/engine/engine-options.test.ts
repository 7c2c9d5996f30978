import { virtualClock } from "@bowline/protocol/testing";
import { expect, test } from "vitest";
import { resolveOptions } from "../options-resolve.ts";
import type { ClientOptions } from "../options.ts";
import { fakeEnv, openPacket } from "../testing/fake-env.ts";
import { linkUrl } from "./engine-options.ts";
import { HttpTransport } from "./transport-http.ts";
import { WebSocketTransport } from "./transport-websocket.ts";
import type { TransportListener, TransportName } from "./transport.ts";

const env = fakeEnv(virtualClock());

function url(options: ClientOptions, transport: TransportName): string {
  return linkUrl(resolveOptions("http://a", { env, ...options }), transport).replace(/^.*EIO=4/, "");
}

test.each<[ClientOptions, TransportName, string]>([
  [{}, "polling", "&transport=polling&t=0.5"],
  [{}, "websocket", "&transport=websocket"],
  [{ timestampRequests: false }, "polling", "&transport=polling"],
  [{ timestampRequests: true, timestampParam: "ts" }, "websocket", "&transport=websocket&ts=0.5"],
  [{ forceBase64: true, timestampRequests: false }, "polling", "&transport=polling&b64=1"],
])("[C69] %j, %s: %s", (options, transport, expected) => {
  expect(url(options, transport)).toBe(expected);
});

test("[C69] the path ends as addTrailingSlash says", () => {
  const options = resolveOptions("http://a", { env, path: "/x/", addTrailingSlash: false });
  expect(linkUrl(options, "websocket")).toBe("ws://a/x?EIO=4&transport=websocket");
});

const listener: TransportListener = { receive: () => {}, drain: () => {}, lose: () => {} };

test("[C69] forceBase64 sends bytes as text over a WebSocket", () => {
  const transport = new WebSocketTransport(resolveOptions("http://a", { env, forceBase64: true }), listener);
  env.socket().listener.open();
  transport.send([{ type: "message", data: new Uint8Array([1, 2]) }]);
  expect(env.socket().sent).toEqual(["bAQI="]);
});

test("[C69] transportOptions are for one transport only", () => {
  const transportOptions = { polling: { extraHeaders: { a: "b" } }, websocket: { protocols: ["p"] } };
  const options = resolveOptions("http://a", { env, transportOptions });
  void new HttpTransport(options, "polling", listener);
  void new WebSocketTransport(options, listener);
  expect([env.request("GET").options.extraHeaders, env.request("GET").options.protocols]).toEqual([
    { a: "b" },
    undefined,
  ]);
  expect([env.socket().options.extraHeaders, env.socket().options.protocols]).toEqual([{}, ["p"]]);
});

test("[C69] a request that takes longer than requestTimeout ends the transport", async () => {
  const clock = virtualClock();
  const place = fakeEnv(clock);
  const ends: unknown[] = [];
  const options = resolveOptions("http://a", { env: place, requestTimeout: 100 });
  void new HttpTransport(options, "polling", { ...listener, lose: (...why) => ends.push(why) });
  await clock.advance(99);
  expect(ends).toEqual([]);
  await clock.advance(1);
  expect(ends).toEqual([["transport error", "GET took over 100 ms"]]);
  expect(place.requests[0]?.isOver).toBe(true);
});

test("[C69] the time of a request ends with its answer", async () => {
  const clock = virtualClock();
  const place = fakeEnv(clock);
  const options = resolveOptions("http://a", { env: place, requestTimeout: 100 });
  void new HttpTransport(options, "polling", { ...listener, lose: () => expect.unreachable() });
  place.request("GET").answer(openPacket());
  await clock.advance(50);
  place.request("GET").answer("6");
  await clock.advance(99);
  expect(clock.pending).toBe(1);
});
