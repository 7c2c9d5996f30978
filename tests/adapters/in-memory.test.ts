import { Adapter } from "socket.io-adapter";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Cluster } from "./cluster.ts";

let cluster: Cluster;

beforeEach(async () => {
  cluster = await Cluster.open(["bowline"], () => Adapter);
  await cluster.dial(0);
});

afterEach(() => cluster.close());

it("[A3] an adapter's class is the adapter of every namespace", async () => {
  const io = cluster.servers[0]!;
  expect(io.adapter()).toBe(Adapter);
  expect(io.sockets.adapter).toBeInstanceOf(Adapter);
  expect(io.of("/admin").adapter).toBeInstanceOf(Adapter);
  expect((io.of("/admin").adapter as Adapter).nsp).toBe(io.of("/admin"));
});

it("[A3] rooms are the adapter's, from joining on until the socket is gone", async () => {
  const io = cluster.servers[0]!;
  const [a, b] = cluster.sockets;
  const { adapter } = io.sockets;
  a!.join(["x", "y"]);
  expect(adapter.rooms.get("x")).toEqual(new Set([a!.id]));
  expect(a!.rooms).toBe(adapter.sids.get(a!.id));
  a!.leave("y");
  expect([...a!.rooms]).toEqual([a!.id, "x"]);
  const heard = cluster.record("news", "volatile");
  io.to("x").emit("news", 1);
  b!.to("x").emit("news", 2);
  io.volatile.except("x").emit("volatile");
  await cluster.settle();
  expect(heard).toEqual([
    [
      ["news", 1],
      ["news", 2],
    ],
    [["volatile"]],
  ]);
  const gone = new Promise((resolve) => a!.on("disconnect", () => resolve([...a!.rooms])));
  cluster.clients[0]!.disconnect();
  expect(await gone).toEqual([]);
  expect([adapter.rooms.has("x"), adapter.sids.size]).toEqual([false, 1]);
});

it("[A3] a broadcast and a direct emit leave in the order of the calls", async () => {
  const heard = cluster.record("n");
  for (let n = 0; n < 20; n += 2) {
    cluster.servers[0]!.emit("n", n);
    for (const socket of cluster.sockets) socket.emit("n", n + 1);
  }
  await cluster.settle();
  const all = Array.from({ length: 20 }, (_, n) => ["n", n]);
  expect(heard).toEqual([all, all]);
});

it("[A3] outgoing catch-all listeners hear what the adapter sends", async () => {
  const heard = vi.fn();
  cluster.sockets[0]!.onAnyOutgoing(heard);
  cluster.servers[0]!.emit("news", 1);
  expect(heard).toHaveBeenCalledExactlyOnceWith("news", 1);
});

it("[A3] what cannot be encoded throws at once", () => {
  expect(() => cluster.servers[0]!.emit("news", 1n)).toThrow(
    expect.objectContaining({ code: "unserializable" }),
  );
});

it("[A9] io.adapter(v) gives every namespace another adapter, and the rooms stay", async () => {
  const io = cluster.servers[0]!;
  const [a] = cluster.sockets;
  a!.join("x");
  const before = io.sockets.adapter;
  const closed = vi.spyOn(before as Adapter, "close");
  class Other extends Adapter {}
  expect(io.adapter(Other)).toBe(io);
  expect(io.sockets.adapter).toBeInstanceOf(Other);
  expect([...a!.rooms]).toEqual([a!.id, "x"]);
  expect(closed).toHaveBeenCalledOnce();
  expect(io.of("/later").adapter).toBeInstanceOf(Other);
  const heard = cluster.record("news");
  io.to("x").emit("news");
  await cluster.settle();
  expect(heard).toEqual([[["news"]], []]);
});

it("[A9] what an adapter rejects with is reported, and closing the server closes the adapters", async () => {
  const boom = new Error("boom");
  const closed = vi.fn();
  class Failing extends Adapter {
    override init(): Promise<void> {
      return Promise.reject(boom);
    }
    override serverCount(): Promise<number> {
      return Promise.reject(boom);
    }
    override close(): Promise<void> {
      closed(this.nsp.name);
      return Promise.reject(boom);
    }
  }
  const failing = await Cluster.open(["bowline"], () => Failing);
  failing.servers[0]!.of("/admin");
  failing.servers[0]!.timeout(5).emit("ask", () => {});
  await failing.close();
  expect(failing.errors).toEqual([boom, boom, boom, boom, boom]);
  expect(closed.mock.calls).toEqual([["/"], ["/admin"]]);
});

it("[A9] a child of a pattern closes its adapter when it goes", async () => {
  const closed = vi.fn();
  class Closing extends Adapter {
    override close(): void {
      closed(this.nsp.name);
    }
  }
  const cleaning = await Cluster.open(["bowline"], () => Closing, { cleanupEmptyChildNamespaces: true });
  cleaning.servers[0]!.of(/^\/p/);
  const client = cleaning.clients[0]!.io.socket("/p1", {});
  await new Promise<void>((resolve) => client.on("connect", resolve));
  client.disconnect();
  await expect.poll(() => closed.mock.calls).toEqual([["/p1"]]);
  await cleaning.close();
});
