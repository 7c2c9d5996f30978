import { expect, test } from "vitest";
import { serverWorld } from "../testing/server-world.ts";

test("[S32] what was on its way when the server said DISCONNECT is ignored, and the connection goes on", async () => {
  const { io, enter } = serverWorld();
  io.of("/other").on("connection", (socket) => void socket.disconnect());
  const { peer, socket } = await enter();
  for (const frame of ["40/other,", '42/other,["late"]', "41/other,", "40/other,", '43/other,1["late"]'])
    peer.receive(frame);
  expect(peer.takeSent().at(-1)).toBe("41/other,");
  expect([peer.state, socket.connected]).toEqual(["open", true]);
  peer.receive('44/other,{"message":"no"}');
  expect(peer.state).toBe("closed");
});

test("[S32] of the namespaces that a connection left the latest are known", async () => {
  const { io, enter } = serverWorld();
  io.of(/^\/\d+$/);
  const { peer } = await enter();
  for (let name = 0; name <= 256; name++) for (const type of [0, 1]) peer.receive(`4${type}/${name},`);
  peer.receive("41/1,");
  expect(peer.state).toBe("open");
  peer.receive("41/0,");
  expect(peer.state).toBe("closed");
});
