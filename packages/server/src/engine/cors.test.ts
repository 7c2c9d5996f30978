import { expect, test } from "vitest";
import { EngineWorld } from "../testing/engine-world.ts";
import type { CorsOptions } from "./cors.ts";

const HANDSHAKE = "EIO=4&transport=polling";
const ORIGIN = "https://app.example";

async function headersFor(
  cors: CorsOptions,
  origin: string | undefined = ORIGIN,
): Promise<Record<string, unknown>> {
  const headers: Record<string, string> = origin === "" ? {} : { origin };
  const { headers: answered } = await new EngineWorld({ cors }).request({ query: HANDSHAKE, headers });
  return { ...answered };
}

test("[E23] without options no header is sent", async () => {
  const { headers } = await new EngineWorld().request({ query: HANDSHAKE, headers: { origin: ORIGIN } });
  expect(Object.keys(headers ?? {})).toEqual(["Content-Type", "cache-control"]);
});

const allowing: readonly (readonly [
  string,
  CorsOptions["origin"],
  string | undefined,
  string | undefined,
])[] = [
  ["undefined", undefined, undefined, undefined],
  ["a star", "*", "*", undefined],
  ["one origin", ORIGIN, ORIGIN, "Origin"],
  ["another origin", "https://other.example", "https://other.example", "Origin"],
  ["true", true, ORIGIN, "Origin"],
  ["false", false, undefined, undefined],
  ["an expression that fits", /\.example$/, ORIGIN, "Origin"],
  ["an expression that does not", /\.test$/, undefined, "Origin"],
  ["a list", ["https://a.example", /^https:\/\/app\./], ORIGIN, "Origin"],
  ["a list without it", ["https://a.example"], undefined, "Origin"],
  ["a function that returns", (origin) => origin === ORIGIN, ORIGIN, "Origin"],
  ["a function that returns later", async () => [ORIGIN], ORIGIN, "Origin"],
  ["a function that says no", () => false, undefined, undefined],
  ["a function that calls back", (_origin, callback) => callback(null, true), ORIGIN, "Origin"],
  [
    "a function that calls back late",
    (_o, callback) => void setTimeout(callback, 1, null, ORIGIN),
    ORIGIN,
    "Origin",
  ],
];
test.each(allowing)("[E23] %s", async (_name, origin, allowed, vary) => {
  const headers = await headersFor({ origin });
  expect([headers["Access-Control-Allow-Origin"], headers["Vary"]]).toEqual([allowed, vary]);
});

test("[E23] a global expression gives the same answer twice", async () => {
  const world = new EngineWorld({ cors: { origin: /example/g } });
  for (let turn = 0; turn < 2; turn++) {
    const { headers } = await world.request({ query: HANDSHAKE, headers: { origin: ORIGIN } });
    expect(headers?.["Access-Control-Allow-Origin"]).toBe(ORIGIN);
  }
});

test("[E23] credentials and exposed headers go along; who sends no origin is not reflected", async () => {
  const headers = await headersFor({ origin: true, credentials: true, exposedHeaders: ["A", "B"] }, "");
  expect(headers).toMatchObject({
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Expose-Headers": "A,B",
  });
  expect(headers["Access-Control-Allow-Origin"]).toBeUndefined();
});

test("[E23] refusals carry the headers too, or a page could not read why", async () => {
  const world = new EngineWorld({ cors: { origin: true } });
  const { status, headers } = await world.request({
    query: "EIO=4&transport=x",
    headers: { origin: ORIGIN },
  });
  expect([status, headers?.["Access-Control-Allow-Origin"]]).toEqual([400, ORIGIN]);
});

test("[E23] a preflight is answered with 204 and what is allowed", async () => {
  const world = new EngineWorld({ cors: { origin: true, maxAge: 60 } });
  const headers = { origin: ORIGIN, "access-control-request-headers": "x-a,x-b" };
  expect(await world.request({ method: "OPTIONS", query: HANDSHAKE, headers })).toEqual({
    status: 204,
    headers: {
      "Access-Control-Allow-Origin": ORIGIN,
      Vary: "Origin, Access-Control-Request-Headers",
      "Access-Control-Allow-Methods": "GET,HEAD,PUT,PATCH,POST,DELETE",
      "Access-Control-Allow-Headers": "x-a,x-b",
      "Access-Control-Max-Age": "60",
    },
  });
  const fixed = new EngineWorld({
    cors: { methods: ["GET"], allowedHeaders: "X-C", optionsSuccessStatus: 200 },
  });
  expect(await fixed.request({ method: "OPTIONS", query: HANDSHAKE, headers })).toEqual({
    status: 200,
    headers: {
      "Access-Control-Allow-Origin": "*",
      "Access-Control-Allow-Methods": "GET",
      "Access-Control-Allow-Headers": "X-C",
    },
  });
});

test("[E23] a preflight that CORS does not concern is a bad handshake", async () => {
  const world = new EngineWorld({ cors: { origin: false } });
  expect(await world.request({ method: "OPTIONS", query: HANDSHAKE })).toMatchObject({ status: 400 });
});

test("[E23] an origin function that fails is reported, and the request refused", async () => {
  for (const origin of [
    () => Promise.reject(new Error("mine")),
    (_: unknown, callback: (error: Error) => void) => callback(new Error("mine")),
  ]) {
    const world = new EngineWorld({ cors: { origin } });
    expect((await world.request({ query: HANDSHAKE })).status).toBe(400);
    expect(world.errors.map(String)).toEqual(["Error: mine"]);
    expect(world.engine.size).toBe(0);
  }
});
