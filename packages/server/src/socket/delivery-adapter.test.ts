import { virtualClock } from "@bowline/protocol/testing";
import { expect, test, vi } from "vitest";
import type { Adapter } from "./adapter.ts";
import type { BroadcastAckError } from "./broadcast-acks.ts";
import { AdapterDelivery, type AdapterNamespace } from "./delivery-adapter.ts";

test("[A5] when the time is over the answers that came are there, and nobody waits for the others", async () => {
  const clock = virtualClock();
  const acks = new Map<number, (...answer: unknown[]) => void>();
  // As the adapter of Socket.IO does it: it gives the packet its id, and puts the callback at the sockets.
  const adapter = {
    serverCount: () => Promise.resolve(1),
    broadcastWithAck(
      packet: { id?: number },
      _options: unknown,
      told: (count: number) => void,
      ack: () => void,
    ) {
      packet.id = 7;
      acks.set(packet.id, ack);
      told(2);
    },
  } as unknown as Adapter;
  const nsp = {
    name: "/",
    sockets: new Map([["a", { acks }]]),
    _runtime: { clock },
    _failed: vi.fn(),
  } as unknown as AdapterNamespace;
  const ends: [BroadcastAckError | null, unknown[]][] = [];
  new AdapterDelivery(adapter, nsp).ask(
    { rooms: [], except: [], timeoutMs: 100 },
    ["ask"],
    (error, answers) => ends.push([error, [...answers]]),
  );
  acks.get(7)?.("one");
  await clock.advance(100);
  expect(ends).toEqual([[expect.objectContaining({ code: "ack_timeout" }), ["one"]]]);
  expect(acks.size).toBe(0);
});
