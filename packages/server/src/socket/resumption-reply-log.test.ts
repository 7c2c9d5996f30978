import type { EnginePacket } from "@bowline/protocol";
import { expect, test } from "vitest";
import { seeded } from "../testing/seeded.ts";
import { type KeptReply, ReplyLog } from "./resumption-reply-log.ts";

const MAX_REPLIES = 5;
const MAX_BYTES = 4_096;
/** Beside its text and bytes. */
const PER_REPLY = 24;
const PER_PACKET = 5;

test.each(Array.from({ length: 50 }, (_, seed) => seed))(
  "[U12] what is kept are the latest, whole and in order, not more than may be, and the last one always (seed %i)",
  (seed) => {
    const random = seeded(seed);
    const log = new ReplyLog(MAX_REPLIES, MAX_BYTES);
    const replies: KeptReply[] = [];
    for (let turn = 0; turn < 200; turn++) {
      replies.push(anyReply(random));
      log.push(replies[turn] as KeptReply);
      const all = log.all();
      expect(all.length).toBeGreaterThan(0);
      expect(all.length).toBeLessThanOrEqual(MAX_REPLIES);
      expect(all).toEqual(replies.slice(-all.length));
      if (all.length > 1) expect(bytesOf(all)).toBeLessThanOrEqual(MAX_BYTES);
    }
    log.clear();
    expect(log.all()).toEqual([]);
  },
);

test("[U12] of small ones as many are kept as may be", () => {
  const log = new ReplyLog(MAX_REPLIES, MAX_BYTES);
  for (let id = 0; id < 2_000; id++) {
    log.push({ id, behind: 0, packets: [{ type: "message", data: `3${id}["${"x".repeat(id % 200)}"]` }] });
    const expected = [id - 4, id - 3, id - 2, id - 1, id].filter((one) => one >= 0);
    expect(log.all().map((reply) => reply.id)).toEqual(expected);
  }
});

function anyReply(random: () => number): KeptReply {
  const count = 1 + Math.floor(random() * 3);
  return {
    id: Math.floor(random() * Number.MAX_SAFE_INTEGER),
    behind: Math.floor(random() * 1_000),
    packets: Array.from({ length: count }, (): EnginePacket => ({ type: "message", data: anyData(random) })),
  };
}

/** Now and then too much by itself. */
function anyData(random: () => number): string | Uint8Array {
  const length = Math.floor(random() ** 4 * 6_000);
  const kind = random();
  if (kind < 0.3) return new Uint8Array(length).fill(Math.floor(random() * 256));
  return (kind < 0.6 ? "é" : "x").repeat(length);
}

function bytesOf(replies: readonly KeptReply[]): number {
  let bytes = 0;
  for (const { packets } of replies) {
    bytes += PER_REPLY;
    for (const { data } of packets) bytes += PER_PACKET + Buffer.byteLength(data);
  }
  return bytes;
}
