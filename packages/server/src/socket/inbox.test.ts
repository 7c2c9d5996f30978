import { expect, test } from "vitest";
import { serverWorld as world } from "../testing/server-world.ts";

test("[S58] a middleware has the ack as the event's last argument, and may answer itself", async () => {
  const { enter } = world();
  const { peer, socket } = await enter();
  peer.takeSent();
  const heard: unknown[] = [];
  socket.use((event, next) => {
    heard.push([...event.slice(0, -1), typeof event.at(-1)]);
    if (event[0] === "ask") return next();
    (event.at(-1) as (text: string) => void)("answered");
    next(new Error("no"));
  });
  socket.on("ask", (value: number, answer: (value: number) => void, ...rest: unknown[]) => {
    heard.push(rest);
    answer(value);
  });
  peer.receive('421["ask",5]');
  peer.receive('422["other"]');
  expect(heard).toEqual([["ask", 5, "function"], [], ["other", "function"]]);
  expect(peer.takeSent()).toEqual(["431[5]", '432["answered"]']);
});

test("[S36] disconnect() in the middleware does nothing, so that the client hears of the refusal", async () => {
  const { io, host } = world();
  io.use((socket, next) => {
    socket.disconnect(true);
    next(new Error("not you"));
  });
  const peer = await host.connect();
  peer.receive("40");
  expect(peer.takeSent().at(-1)).toBe('44{"message":"not you"}');
});
