import { expect, test } from "vitest";
import { EngineWorld, type RecordedSession, say, settle } from "../testing/engine-world.ts";
import type { MemoryPeer } from "../testing/memory-host.ts";

const RELEASE_MS = 100;
const TIMEOUT_MS = 10_000;

interface Probing extends RecordedSession {
  readonly world: EngineWorld;
  readonly peer: MemoryPeer;
}

/** A polling session, and a WebSocket that is about to take over. */
async function probing(): Promise<Probing> {
  const world = new EngineWorld();
  const recorded = await world.openPolling();
  const peer = await world.upgrade(recorded.session.id);
  return Object.assign(recorded, { world, peer });
}

test("[E15] a probe is answered, and a waiting poll is released at once", async () => {
  const { world, peer, session } = await probing();
  const poll = world.get(session.id);
  await settle();
  peer.receive("2probe");
  expect(peer.takeSent()).toEqual(["3probe"]);
  expect((await poll).body).toBe("6");
});

test("[E15] polls that come during the probe are released every 100 ms", async () => {
  const { world, peer, session } = await probing();
  peer.receive("2probe");
  for (let turn = 0; turn < 3; turn++) {
    const poll = world.get(session.id);
    await world.clock.advance(RELEASE_MS);
    expect((await poll).body).toBe("6");
  }
});

test("[E15] packets go on over polling, both ways, until the switch", async () => {
  const { world, peer, session, messages } = await probing();
  peer.receive("2probe");
  peer.takeSent();
  say(session, "a");
  await world.post(session.id, "4b");
  expect((await world.get(session.id)).body).toBe("4a");
  expect([messages, peer.takeSent()]).toEqual([["b"], []]);
});

test("[E16, T6] what polling did not send leaves first on the WebSocket", async () => {
  const { world, peer, session, upgrades } = await probing();
  peer.receive("2probe");
  peer.takeSent();
  say(session, "a");
  session.sendPacket({ type: "message", data: Uint8Array.of(1) });
  peer.receive("5");
  say(session, "b");
  expect(peer.takeSent()).toEqual(["4a", Uint8Array.of(1), "4b"]);
  expect([session.transportName, upgrades, session.writable]).toEqual(["websocket", ["websocket"], true]);
  expect((await world.get(session.id)).body).toBe('{"code":3,"message":"Bad request"}');
});

test("[E16] no packet is lost, doubled or reordered, whenever the switch comes", async () => {
  for (let switchAt = 0; switchAt < 30; switchAt++) {
    const { world, peer, session } = await probing();
    const received: string[] = [];
    const take = (body: unknown): void => {
      received.push(
        ...String(body)
          .split("\u001e")
          .filter((packet) => packet.startsWith("4")),
      );
    };
    peer.receive("2probe");
    for (let index = 0; index < 30; index++) {
      if (index === switchAt) peer.receive("5");
      say(session, String(index));
      if (index < switchAt && index % 4 === 0) take((await world.get(session.id)).body);
    }
    await settle();
    take(peer.takeSent().slice(1).join("\u001e"));
    expect(received).toEqual(Array.from({ length: 30 }, (_, index) => `4${index}`));
  }
});

test("[E16] a poll that still waits at the switch ends with a noop, and takes nothing with it", async () => {
  const { world, peer, session } = await probing();
  peer.receive("2probe");
  peer.takeSent();
  const poll = world.get(session.id);
  await settle();
  say(session, "a");
  peer.receive("5");
  expect((await poll).body).toBe("6");
  expect(peer.takeSent()).toEqual(["4a"]);
});

test("[E17] no timer is left after the switch but the heartbeat's", async () => {
  const { world, peer } = await probing();
  expect(world.clock.pending).toBe(2);
  peer.receive("2probe");
  expect(world.clock.pending).toBe(3);
  peer.receive("5");
  expect(world.clock.pending).toBe(1);
});

const failures: readonly (readonly [string, (probe: Probing) => unknown])[] = [
  ["a message before the switch", ({ peer }) => peer.receive("4early")],
  ["a switch without a probe", ({ peer }) => peer.receive("5")],
  ["a ping that is no probe", ({ peer }) => peer.receive("2")],
  ["bytes", ({ peer }) => peer.receive(Uint8Array.of(1))],
  ["a frame that is no packet", ({ peer }) => peer.receive("x")],
  ["a close packet", ({ peer }) => peer.receive("1")],
  ["a link that breaks", ({ peer }) => peer.drop()],
  ["too much time", ({ world }) => world.clock.advance(TIMEOUT_MS)],
  [
    "too much time after the probe",
    ({ peer, world }) => (peer.receive("2probe"), world.clock.advance(TIMEOUT_MS)),
  ],
];
test.each(failures)("[E17] %s ends the WebSocket and leaves polling as it was", async (_name, fail) => {
  const probe = await probing();
  const { world, peer, session, closes, messages, upgrades } = probe;
  await fail(probe);
  expect(peer.state).toBe("closed");
  say(session, "a");
  await world.post(session.id, "4b");
  expect((await world.get(session.id)).body).toBe("4a");
  expect([closes, messages, upgrades]).toEqual([[], ["b"], []]);
  expect(world.clock.pending).toBe(1);
});

test("[E17] after a failure the peer may try again", async () => {
  const { world, peer, session } = await probing();
  peer.drop();
  const second = await world.upgrade(session.id);
  second.receive("2probe");
  second.receive("5");
  expect(session.transportName).toBe("websocket");
});

test("[E18] a second WebSocket, before or after the switch, is closed and changes nothing", async () => {
  const { world, peer, session } = await probing();
  const during = await world.upgrade(session.id);
  peer.receive("2probe");
  peer.receive("5");
  const after = await world.upgrade(session.id);
  expect([during.state, after.state, peer.state, session.state]).toEqual([
    "closed",
    "closed",
    "open",
    "open",
  ]);
  // Nobody is told: Engine.IO's `connection_error` is for what gets an HTTP answer.
  expect(world.refused).toEqual([]);
});

test("[E18] a session that was born on a WebSocket cannot be taken over by another", async () => {
  const world = new EngineWorld();
  const { session, peer, closes } = await world.openWebSocket();
  const intruder = await world.upgrade(session.id);
  intruder.receive("2probe");
  intruder.receive("5");
  expect([intruder.state, intruder.takeSent(), peer.state, closes]).toEqual(["closed", [], "open", []]);
});

test("[E18] without allowUpgrades none is offered, and none is made", async () => {
  const world = new EngineWorld({ allowUpgrades: false });
  const answer = await world.request({ query: "EIO=4&transport=polling" });
  expect(answer.body).toContain('"upgrades":[]');
  expect((await world.upgrade("id-1")).state).toBe("closed");
});

test("[E19] a close in the midst of an upgrade still delivers over whichever way the peer takes", async () => {
  const overPolling = await probing();
  overPolling.peer.receive("2probe");
  say(overPolling.session, "a");
  overPolling.session.close();
  expect((await overPolling.world.get(overPolling.session.id)).body).toBe("4a");
  expect((await overPolling.world.get(overPolling.session.id)).body).toBe("6\x1e1");
  expect(overPolling.peer.state).toBe("closed");

  const overWebSocket = await probing();
  overWebSocket.peer.receive("2probe");
  overWebSocket.peer.takeSent();
  say(overWebSocket.session, "a");
  overWebSocket.session.close();
  overWebSocket.peer.receive("5");
  expect(overWebSocket.peer.takeSent()).toEqual(["4a"]);

  for (const { world, peer, session, closes } of [overPolling, overWebSocket]) {
    expect([peer.state, session.state, closes.length]).toEqual(["closed", "closed", 1]);
    expect([world.engine.size, world.clock.pending]).toEqual([0, 0]);
  }
});

test("[E19] a session that ends takes its upgrade along", async () => {
  const { world, peer, session } = await probing();
  peer.receive("2probe");
  await world.post(session.id, "1");
  expect([peer.state, world.engine.size, world.clock.pending]).toEqual(["closed", 0, 0]);
});
