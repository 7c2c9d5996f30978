import { virtualClock } from "@bowline/protocol/testing";
import { expect, test } from "vitest";
import { socketHarness } from "../testing/socket-harness.ts";

/** So many frames, when they are there: reading a Blob is the platform's affair. */
async function frames(count: number, sent: () => unknown[]): Promise<unknown[]> {
  const all: unknown[] = [];
  await expect.poll(() => all.push(...sent())).toBeGreaterThanOrEqual(count);
  return all;
}

test("[C75] a Blob is sent as its bytes, and nothing that is emitted later overtakes it", async () => {
  const { connected, sent } = socketHarness(virtualClock());
  const socket = connected();
  const list = ["as it was"];
  socket.emit("before");
  socket.emit("blob", { deep: [new Blob(["ab"])] }, new File(["c"], "c.txt"), new Uint8Array([9]));
  socket.emit("list", list);
  list.push("changed afterwards");
  expect(sent().filter((frame) => typeof frame === "string" && frame.startsWith("2"))).toEqual([
    '2["before"]',
  ]);
  expect(await frames(5, sent)).toEqual([
    '53-["blob",{"deep":[{"_placeholder":true,"num":0}]},{"_placeholder":true,"num":1},{"_placeholder":true,"num":2}]',
    new Uint8Array([97, 98]),
    new Uint8Array([99]),
    new Uint8Array([9]),
    '2["list",["as it was"]]',
  ]);
  socket.emit("at once again");
  expect(sent()).toEqual(['2["at once again"]']);
});

test("[C75] when one of two Blobs is read, what comes behind waits for the other", async () => {
  const { connected, sent } = socketHarness(virtualClock());
  const socket = connected();
  let read = (_bytes: ArrayBuffer): void => {};
  const slow = { arrayBuffer: () => new Promise<ArrayBuffer>((resolve) => (read = resolve)) };
  sent();
  socket.emit("first", new Blob(["a"]));
  socket.emit("second", slow);
  const first = await frames(2, sent);
  // By then what follows a turn has run as well.
  await new Promise((resolve) => setImmediate(resolve));
  socket.emit("third");
  expect(sent()).toEqual([]);
  read(new Uint8Array([98]).buffer);
  expect([...first, ...(await frames(3, sent))]).toEqual([
    '51-["first",{"_placeholder":true,"num":0}]',
    new Uint8Array([97]),
    '51-["second",{"_placeholder":true,"num":0}]',
    new Uint8Array([98]),
    '2["third"]',
  ]);
});

test("[C75] what cannot be sent throws at once, also behind a Blob, and beside one", () => {
  const socket = socketHarness(virtualClock()).connected();
  const circle: Record<string, unknown> = { blob: new Blob(["x"]) };
  circle["self"] = circle;
  expect(() => socket.emit("x", circle)).toThrow(expect.objectContaining({ code: "unserializable" }));
  socket.emit("blob", new Blob(["x"]));
  expect(() => socket.emit("x", 1n)).toThrow(expect.objectContaining({ code: "unserializable" }));
  expect(() => socket.emit("connect", new Blob(["x"]))).toThrow("reserved");
});

test("[C75] a Blob that cannot be read fails the ack, or is reported, and what is behind it is sent", async () => {
  const { connected, sent, errors } = socketHarness(virtualClock());
  const socket = connected();
  const broken = { arrayBuffer: () => Promise.reject(new Error("the file is gone")) };
  const asked = socket.emitWithAck("ask", broken);
  socket.emit("told", broken);
  socket.emit("after");
  await expect(asked).rejects.toMatchObject({ code: "unserializable", message: /the file is gone/ });
  expect(await frames(1, sent)).toEqual(['2["after"]']);
  expect(errors).toHaveLength(1);
});

test("[C75] an answer may hold a Blob", async () => {
  const { connected, receive, sent } = socketHarness(virtualClock());
  const socket = connected();
  socket.on("ask", (answer) => (answer as (blob: Blob) => void)(new Blob(["ab"])));
  receive('27["ask"]');
  expect(await frames(2, sent)).toEqual(['61-7[{"_placeholder":true,"num":0}]', new Uint8Array([97, 98])]);
});
