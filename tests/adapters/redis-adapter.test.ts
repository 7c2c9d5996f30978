import { once } from "node:events";
import type { AdapterFactory } from "@bowline/server";
import { createAdapter, createShardedAdapter } from "@socket.io/redis-adapter";
import { Emitter } from "@socket.io/redis-emitter";
import { createAdapter as createStreamsAdapter } from "@socket.io/redis-streams-adapter";
import { Redis as IoRedis } from "ioredis";
import { createClient } from "redis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Cluster } from "./cluster.ts";
import { Redis, redisMissing } from "./redis.ts";
import { adapterSuite, type AdapterUnderTest } from "./suite.ts";

let redis: Redis;

beforeAll(async () => {
  if (!redisMissing) redis = await Redis.start();
});

afterAll(() => redis?.stop());

type Closer = () => unknown;

/** Two clients of `redis` for each server. They quit, which lets the adapters' last commands through. */
async function nodeRedis(
  make: (pub: ReturnType<typeof createClient>, sub: ReturnType<typeof createClient>) => AdapterFactory,
): Promise<AdapterUnderTest> {
  const closers: Closer[] = [];
  const factories: AdapterFactory[] = [];
  for (let index = 0; index < 2; index++) {
    const [pub, sub] = [createClient({ url: redis.url }), createClient({ url: redis.url })];
    await Promise.all([pub.connect(), sub.connect()]);
    closers.push(
      () => pub.quit(),
      () => sub.quit(),
    );
    factories.push(make(pub, sub));
  }
  return underTest(factories, closers);
}

async function ioRedis(make: (pub: IoRedis, sub: IoRedis) => AdapterFactory): Promise<AdapterUnderTest> {
  const closers: Closer[] = [];
  const factories: AdapterFactory[] = [];
  for (let index = 0; index < 2; index++) {
    const [pub, sub] = [new IoRedis(redis.port), new IoRedis(redis.port)];
    // Its check whether Redis is ready gets in the way of a subscription that comes before.
    await Promise.all([once(pub, "ready"), once(sub, "ready")]);
    closers.push(
      () => pub.disconnect(),
      () => sub.disconnect(),
    );
    factories.push(make(pub, sub));
  }
  return underTest(factories, closers);
}

function underTest(factories: AdapterFactory[], closers: Closer[]): AdapterUnderTest {
  return {
    adapterFor: (index) => factories[index]!,
    ready: (cluster) =>
      expect
        .poll(() => Promise.all(cluster.servers.map(({ sockets }) => sockets.adapter.serverCount())))
        .toEqual([2, 2]),
    close: async () => {
      for (const close of closers) await close();
    },
  };
}

adapterSuite({
  name: "@socket.io/redis-adapter on redis",
  missing: redisMissing,
  open: () => nodeRedis((pub, sub) => createAdapter(pub, sub)),
});

adapterSuite({
  name: "@socket.io/redis-adapter on ioredis",
  missing: redisMissing,
  pairs: [["bowline", "bowline"]],
  open: () => ioRedis((pub, sub) => createAdapter(pub, sub)),
});

adapterSuite({
  name: "@socket.io/redis-adapter, sharded",
  missing: redisMissing,
  open: () => nodeRedis((pub, sub) => createShardedAdapter(pub, sub)),
});

adapterSuite({
  name: "@socket.io/redis-streams-adapter",
  missing: redisMissing,
  open: async () => {
    const adapters = await nodeRedis((pub) =>
      createStreamsAdapter(pub, { streamName: `s${pub.options?.url}`, blockTimeInMs: 50 }),
    );
    return { ...adapters, ready: (cluster) => adapters.ready(cluster).then(() => streamsRead(cluster)) };
  },
});

/**
 * Until this adapter has read something it asks for what is new at each read, and misses what comes between two of them.
 * So each server says something until the client of the other has heard it.
 */
async function streamsRead({ servers, clients }: Cluster): Promise<void> {
  const heard = clients.map(() => new Set<number>());
  const hears = clients.map((client, at) => (from: number) => void heard[at]?.add(from));
  clients.forEach((client, at) => client.on("warm-up", hears[at]!));
  await expect
    .poll(() => {
      servers.forEach((server, from) => server.emit("warm-up", from));
      return heard.map((from) => from.size);
    })
    .toEqual([2, 2]);
  clients.forEach((client, at) => client.off("warm-up", hears[at]!));
}

describe.skipIf(redisMissing)("@socket.io/redis-emitter", () => {
  let adapters: AdapterUnderTest;
  let cluster: Cluster;

  afterEach(async () => {
    await cluster.close();
    await adapters.close();
  });

  it("[A4] reaches our sockets from a process that is no server", async () => {
    adapters = await nodeRedis((pub, sub) => createAdapter(pub, sub));
    cluster = await Cluster.open(["bowline", "bowline"], (index) => adapters.adapterFor(index));
    await adapters.ready(cluster);
    const client = createClient({ url: redis.url });
    await client.connect();
    const emitter = new Emitter(client);
    const heard = cluster.record("news", "room");
    emitter.emit("news", { from: "outside" });
    emitter.in(cluster.sockets[1]!.id).socketsJoin("room");
    await expect.poll(() => cluster.sockets[1]!.rooms.has("room")).toBe(true);
    emitter.to("room").emit("room");
    await expect
      .poll(() => heard)
      .toEqual([[["news", { from: "outside" }]], [["news", { from: "outside" }], ["room"]]]);
    const pinged = new Promise((resolve) => cluster.servers[0]!.on("ping", resolve));
    emitter.serverSideEmit("ping", "hi");
    expect(await pinged).toBe("hi");
    emitter.disconnectSockets();
    await expect.poll(() => cluster.sockets.some(({ connected }) => connected)).toBe(false);
    await client.disconnect();
  });
});
