import { expect, test } from "vitest";
import type { MemoryPeer } from "./testing/memory-host.ts";
import { type ServerWorld, serverWorld } from "./testing/server-world.ts";

/** CONNECT to a namespace, and the answer; the server answers at once. */
function join(peer: MemoryPeer, namespace: string, pid?: string): { sid: string; pid: string } {
  const name = namespace === "/" ? "" : `${namespace},`;
  peer.receive(`40${name}${pid === undefined ? "" : JSON.stringify({ pid })}`);
  const answer = peer
    .takeSent()
    .map(String)
    .find((frame) => frame.startsWith(`40${name}{`));
  return JSON.parse(answer?.slice(name.length + 2) ?? "{}") as { sid: string; pid: string };
}

function reasonsOf({ io }: ServerWorld, namespaces: readonly string[]): string[] {
  const reasons: string[] = [];
  for (const name of namespaces) {
    io.of(name).on("connection", (socket) =>
      socket.on("disconnect", (reason) => void reasons.push(`${name} ${reason}`)),
    );
  }
  return reasons;
}

test("[R6] with the connection go its sockets in the other namespaces, which go on when their turn comes", async () => {
  const world = serverWorld({ connectionStateRecovery: true });
  const reasons = reasonsOf(world, ["/", "/b"]);
  const old = await world.host.connect();
  const [main, other] = [join(old, "/"), join(old, "/b")];
  const peer = await world.host.connect();
  expect(join(peer, "/", main.pid)).toEqual(main);
  expect(reasons).toEqual(["/ forced close", "/b forced close"]);
  world.io.of("/b").emit("missed");
  peer.receive(`40/b,{"pid":"${other.pid}"}`);
  expect(peer.takeSent().map(String)).toEqual([
    `40/b,${JSON.stringify(other)}`,
    expect.stringMatching(/^42\/b,\["missed","/),
  ]);
});

test("[R5] a namespace that a client asked for stays while somebody may come back to it", async () => {
  const world = serverWorld({ connectionStateRecovery: true, cleanupEmptyChildNamespaces: true });
  const made: string[] = [];
  world.io.of(/^\/room-/);
  world.io.on("new_namespace", ({ name }) => void made.push(name));
  const first = await world.host.connect();
  const joined = join(first, "/room-1");
  first.drop();
  world.io.of("/room-1").emit("missed");
  const second = await world.host.connect();
  expect(join(second, "/room-1", joined.pid)).toEqual(joined);
  expect(made).toEqual(["/room-1"]);
  second.receive("41/room-1,");
  join(second, "/room-1");
  expect(made).toEqual(["/room-1", "/room-1"]);
});

test("[R8] nobody comes back to a server that was closed, and it keeps nothing", async () => {
  const world = serverWorld({ connectionStateRecovery: true });
  const reasons = reasonsOf(world, ["/"]);
  await world.enter();
  world.io.emit("a");
  await world.io.close();
  expect(reasons).toEqual(["/ server shutting down"]);
  expect(world.io.sockets._sessions?.isBusy).toBe(false);
});
