import { afterEach, expect, test } from "vitest";
import type { FakeUwsClient } from "../testing/fake-uws-socket.ts";
import { FakeUwsApp } from "../testing/fake-uws.ts";
import { type RecordedPeer, RecordingHandler } from "../testing/recording-handler.ts";
import { uwsHost } from "./host-uws.ts";

const FRAME_BYTES = 40_000;
const ENOUGH_BYTES = 65_536;
const FRAME = new Uint8Array(FRAME_BYTES);

let app: FakeUwsApp;

afterEach(() => {
  expect(app.violations).toEqual([]);
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function connect(): { client: FakeUwsClient; recorded: RecordedPeer } {
  app = new FakeUwsApp();
  const handler = new RecordingHandler();
  uwsHost(app).start(handler, { path: "/io", maxPayload: 100, destroyUpgradeAfterMs: 1000, onError() {} });
  const { client } = app.connect({ url: "/io" });
  const [recorded] = handler.peers;
  if (!client || !recorded) throw new Error("nobody came");
  return { client, recorded };
}

test("[H8] what uWS cannot write waits with us, where frames are shared, and counts; drain comes when all has left", async () => {
  const { client, recorded } = connect();
  client.isStalled = true;
  const sent: number[] = [];
  for (let number = 0; number < 10; number++) {
    recorded.peer.send(FRAME, { sent: () => sent.push(number) });
  }
  await turn();
  expect(client.frames.length).toBe(Math.ceil(ENOUGH_BYTES / FRAME_BYTES));
  expect(recorded.peer.bufferedAmount).toBe(10 * FRAME_BYTES);
  recorded.peer.send("one more");
  await turn();
  expect(client.frames.length).toBe(2);
  expect([recorded.drains, sent]).toEqual([0, []]);
  client.catchUp();
  expect(recorded.drains).toBe(0); // eight frames are still with us
  await turn();
  expect(client.frames).toEqual([...Array.from({ length: 10 }, () => FRAME), "one more"]);
  expect([recorded.drains, recorded.peer.bufferedAmount]).toEqual([1, 0]);
  expect(sent).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("[H8] what waits with us leaves before a close", async () => {
  const { client, recorded } = connect();
  client.isStalled = true;
  for (let number = 0; number < 5; number++) recorded.peer.send(FRAME);
  await turn();
  recorded.peer.close(1000, "");
  expect(client.frames.length).toBe(5);
  expect(client.closedByServer).toBe(1000);
});

test("[H8] flush() writes at once what waits for the end of the turn", () => {
  const { client, recorded } = connect();
  recorded.peer.send("a");
  recorded.peer.flush?.();
  recorded.peer.send("b");
  expect(client.frames).toEqual(["a"]);
  expect(recorded.peer.bufferedAmount).toBe(1);
});
