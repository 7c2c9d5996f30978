import { expect, test } from "vitest";
import { EngineWorld, settle } from "../testing/engine-world.ts";
import { TestRequest } from "../testing/test-request.ts";
import type { AllowRequest } from "./admission.ts";

const NOT_ALLOWED = { status: 403, headers: { "Content-Type": "application/json" } };

const refusals: readonly (readonly [string, string, number, string, Record<string, unknown>])[] = [
  ["no transport", "EIO=4", 0, "Transport unknown", { transport: undefined }],
  ["an unknown transport", "EIO=4&transport=carrier", 0, "Transport unknown", { transport: "carrier" }],
  [
    "a transport that is a member of Object",
    "EIO=4&transport=constructor",
    0,
    "Transport unknown",
    { transport: "constructor" },
  ],
  [
    "webtransport over HTTP",
    "EIO=4&transport=webtransport",
    0,
    "Transport unknown",
    { transport: "webtransport" },
  ],
  ["an unknown session", "EIO=4&transport=polling&sid=nobody", 1, "Session ID unknown", { sid: "nobody" }],
  [
    "a session named __proto__",
    "EIO=4&transport=polling&sid=__proto__",
    1,
    "Session ID unknown",
    { sid: "__proto__" },
  ],
  [
    "a session named constructor",
    "EIO=4&transport=polling&sid=constructor",
    1,
    "Session ID unknown",
    { sid: "constructor" },
  ],
  [
    "a websocket without an upgrade",
    "EIO=4&transport=websocket",
    3,
    "Bad request",
    { name: "TRANSPORT_HANDSHAKE_ERROR" },
  ],
  ["no revision", "transport=polling", 5, "Unsupported protocol version", { protocol: 3 }],
  ["the third revision", "EIO=3&transport=polling", 5, "Unsupported protocol version", { protocol: 3 }],
];
test.each(refusals)("[E7] %s is refused with its code", async (...row) => {
  const [, query, code, message, context] = row;
  const world = new EngineWorld();
  expect(await world.request({ query })).toEqual({
    status: 400,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ code, message }),
  });
  expect(world.refused).toEqual([{ code, message, context }]);
  expect(world.engine.size).toBe(0);
});

test("[E7] a handshake is a GET", async () => {
  const world = new EngineWorld();
  for (const method of ["POST", "PUT", "OPTIONS"]) {
    const answer = await world.request({ method, query: "EIO=4&transport=polling" });
    expect(answer.body).toBe('{"code":2,"message":"Bad handshake method"}');
  }
});

test("[E7] a transport that is switched off is unknown", async () => {
  const world = new EngineWorld({ transports: ["websocket"] });
  const answer = await world.request({ query: "EIO=4&transport=polling" });
  expect(answer.body).toBe('{"code":0,"message":"Transport unknown"}');
});

test("[E7] an origin with control characters is refused", async () => {
  const world = new EngineWorld();
  const answer = await world.request({
    query: "EIO=4&transport=polling",
    headers: { origin: "http://a\u0000" },
  });
  expect([answer.status, world.refused[0]?.context["name"]]).toEqual([400, "INVALID_ORIGIN"]);
});

test("[E7] a session keeps its transport and its revision", async () => {
  const world = new EngineWorld();
  const { session } = await world.openWebSocket();
  await world.request({ query: `EIO=4&transport=polling&sid=${session.id}` });
  const polling = await world.openPolling();
  await world.request({ query: `EIO=3&transport=polling&sid=${polling.session.id}` });
  expect(world.refused.map(({ code, context }) => [code, context["name"]])).toEqual([
    [3, "TRANSPORT_MISMATCH"],
    [3, "PROTOCOL_MISMATCH"],
  ]);
  expect([session.state, polling.session.state]).toEqual(["open", "open"]);
});

const refusedUpgrades: readonly (readonly [string, string, string])[] = [
  ["an unknown transport", "EIO=4&transport=__proto__", "Transport unknown"],
  ["no transport", "EIO=4", "Transport unknown"],
  ["the name of the polling transport", "EIO=4&transport=polling", "Bad request"],
  ["an unknown session", "EIO=4&transport=websocket&sid=__proto__", "Session ID unknown"],
  ["the third revision", "EIO=3&transport=websocket", "Unsupported protocol version"],
];
test.each(refusedUpgrades)(
  "[E7] an upgrade with %s gets 400 and the bare message",
  async (_name, query, message) => {
    const upgrade = await new EngineWorld().engine.upgrade(new TestRequest({ query }));
    expect(upgrade).toEqual({
      accept: false,
      response: { status: 400, headers: { "Content-Type": "text/html", Connection: "close" }, body: message },
    });
  },
);

const refusing: readonly (readonly [string, AllowRequest, string, number])[] = [
  ["a text in the callback", (_request, decide) => decide("go away", false), "go away", 0],
  ["an error in the callback", (_request, decide) => decide(new Error("go away"), false), "go away", 0],
  ["false in the callback", (_request, decide) => decide(null, false), "Forbidden", 0],
  ["an async false", async () => false, "Forbidden", 0],
  ["a throw", () => fail(new Error("a bug")), "Forbidden", 1],
  ["a rejection", () => Promise.reject(new Error("a bug")), "Forbidden", 1],
  [
    "an error that may be seen",
    () => fail(Object.assign(new Error("go away"), { expose: true })),
    "go away",
    1,
  ],
  ["nothing at all", async () => {}, "Forbidden", 1],
];
test.each(refusing)("[E24] allowRequest refuses by %s", async (_how, allowRequest, message, reported) => {
  const world = new EngineWorld({ allowRequest });
  expect(await world.request({ query: "EIO=4&transport=polling" })).toEqual({
    ...NOT_ALLOWED,
    body: JSON.stringify({ code: 4, message }),
  });
  const upgrade = await world.engine.upgrade(new TestRequest({ query: "EIO=4&transport=websocket" }));
  expect(upgrade).toMatchObject({ accept: false, response: { status: 400, body: message } });
  expect([world.sessions, world.errors.length]).toEqual([[], reported * 2]);
});

test("[E24] allowRequest allows by its callback, at once or late, or by resolving to true", async () => {
  const allowing: readonly AllowRequest[] = [
    (_request, decide) => decide(null, true),
    async (_request, decide) => {
      await settle();
      decide(undefined, true);
    },
    async () => true,
  ];
  for (const allowRequest of allowing) {
    const world = new EngineWorld({ allowRequest });
    await world.openPolling();
    await world.openWebSocket();
    expect([world.sessions.length, world.errors]).toEqual([2, []]);
  }
});

test("[E24] allowRequest is given the request with its query, and its first decision counts", async () => {
  let token: string | undefined;
  const allowRequest: AllowRequest = (request, decide) => {
    token = request._query["token"];
    decide(null, true);
    decide("too late", false);
  };
  const answer = await new EngineWorld({ allowRequest }).request({
    query: "EIO=4&transport=polling&token=a%20b",
  });
  expect([answer.status, token]).toEqual([200, "a b"]);
});

test("[E24] allowRequest is asked once per session, not per request", async () => {
  let asked = 0;
  const world = new EngineWorld({ allowRequest: async () => ++asked > 0 });
  const { session } = await world.openPolling();
  await world.post(session.id, "4a");
  expect(asked).toBe(1);
});

test("[E24] a peer that leaves while allowRequest thinks leaves nothing behind", async () => {
  let allow: (isAllowed: boolean) => void = () => {};
  const world = new EngineWorld({ allowRequest: () => new Promise((resolve) => (allow = resolve)) });
  const request = new TestRequest({ query: "EIO=4&transport=polling" });
  const answer = world.engine.request(request);
  request.abort();
  allow(true);
  await answer;
  expect([world.engine.size, world.sessions.length, world.clock.pending]).toEqual([0, 0, 0]);
});

function fail(error: Error): never {
  throw error;
}
