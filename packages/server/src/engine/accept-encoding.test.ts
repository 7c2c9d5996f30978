import { expect, test } from "vitest";
import { EngineWorld } from "../testing/engine-world.ts";
import { TestRequest } from "../testing/test-request.ts";
import { negotiateEncoding } from "./accept-encoding.ts";
import type { Session } from "./session.ts";

test.each([
  [undefined, undefined],
  ["", undefined],
  ["gzip", "gzip"],
  ["GZip", "gzip"],
  ["deflate, gzip", "deflate"],
  ["gzip;q=0.5, deflate;q=0.8", "deflate"],
  ["gzip;q=0", undefined],
  ["gzip ; q=0.1", "gzip"],
  ["br", undefined],
  ["*", "gzip"],
  ["gzip;q=0, *", "deflate"],
  ["*, deflate", "deflate"],
  ["identity, gzip;q=0.1", "gzip"],
  ["gzip;q=nonsense", undefined],
])("[E42] of %j gzip and deflate, in this order, give %j", (header, chosen) => {
  expect(negotiateEncoding(header, ["gzip", "deflate"])).toBe(chosen);
});

const THRESHOLD = 100;

async function poll(send: (session: Session) => void, accept = "gzip"): Promise<unknown> {
  const world = new EngineWorld({ httpCompression: { threshold: THRESHOLD, native: { level: 1 } } });
  const { session } = await world.openPolling();
  send(session);
  const query = `EIO=4&transport=polling&sid=${session.id}`;
  return (await world.engine.request(new TestRequest({ query, headers: { "accept-encoding": accept } })))
    .encoding;
}

test("[E42] the answer to a poll is compressed from the threshold on, with the options that were given", async () => {
  const gzip = { name: "gzip", options: { level: 1 } };
  expect(await poll((session) => session.send("x".repeat(THRESHOLD - 1)))).toEqual(gzip);
  expect(await poll((session) => session.send("x".repeat(THRESHOLD - 2)))).toBeUndefined();
  // Bytes count, and not letters.
  expect(await poll((session) => session.send("é".repeat(THRESHOLD / 2)))).toEqual(gzip);
  expect(await poll((session) => session.send("x".repeat(THRESHOLD)), "br")).toBeUndefined();
});

test("[E42] unless all of its packets are not to be", async () => {
  const long = "x".repeat(THRESHOLD);
  expect(await poll((session) => session.send(long, { compress: false }))).toBeUndefined();
  expect(await poll((session) => session.send(long, { compress: false }).send("y"))).toMatchObject({
    name: "gzip",
  });
});
