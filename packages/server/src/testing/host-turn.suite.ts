import { expect, test } from "vitest";
import type { HostWorld } from "./host-world.ts";
import { WebSocketClient } from "./http-client.ts";
import type { RecordedPeer } from "./recording-handler.ts";

const MANY = 1_600;
/** Of those to whom a turn writes. */
const MOST_PER_TURN = 1_000;

/** What is sent to more peers than a turn writes to. */
export function turnSuite(world: () => HostWorld): void {
  test("[H30] what is sent to many leaves over several turns, an answer to one who is behind before it has left for all", async () => {
    const all: { readonly client: WebSocketClient; readonly recorded: RecordedPeer }[] = [];
    for (let count = 0; count < MANY; count++) {
      const accepted = world().handler.nextPeer();
      const client = new WebSocketClient(world().port, "/io/");
      all.push({ client, recorded: await accepted });
    }
    await Promise.all(all.map(({ client }) => client.opened));
    const waiting = (): number => all.filter(({ recorded }) => recorded.peer.bufferedAmount > 0).length;
    const last = all.at(-1)?.recorded.peer;

    for (const { recorded } of all) recorded.peer.send("to all");
    const left = [waiting()];
    while (left[0] === MANY) {
      await turn();
      left.unshift(waiting());
    }
    last?.send("answer");
    let isAnswered = false;
    while (left[0]) {
      await turn();
      left.unshift(waiting());
      if (last?.bufferedAmount !== 0 || isAnswered) continue;
      isAnswered = true;
      expect(left[0]).toBeGreaterThan(0);
    }
    left.reverse();
    for (const [index, count] of left.entries())
      expect((left[index - 1] ?? MANY) - count).toBeLessThanOrEqual(MOST_PER_TURN);
    expect(isAnswered).toBe(true);

    for (const { client } of all) expect((await client.framesOf(1))[0]).toBe("to all");
    expect(await all.at(-1)?.client.framesOf(2)).toEqual(["to all", "answer"]);
  });
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
