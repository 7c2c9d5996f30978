import { expect, test } from "vitest";
import type { Server, Socket } from "./index.ts";
import type { MemoryHost } from "./testing/memory-host.ts";
import type { MemoryStream } from "./testing/memory-stream.ts";
import { serverWorld } from "./testing/server-world.ts";

const PATH = "EIO=4&transport=sse";
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Peer {
  readonly stream: MemoryStream;
  readonly socket: Socket;
  post(body: string): Promise<number>;
}

/** A socket in the main namespace over server-sent events; what came so far has been taken. */
async function enterSse(io: Server, host: MemoryHost): Promise<Peer> {
  const { stream } = await host.request({ query: PATH });
  if (!stream) throw new Error("no stream");
  await turn();
  const sid = /"sid":"([^"]+)"/.exec(stream.takeText())?.[1] ?? "";
  let seq = 0;
  const post = async (body: string): Promise<number> => {
    const query = `${PATH}&sid=${sid}&seq=${++seq}`;
    return (await host.request({ method: "POST", query, body })).response.status;
  };
  const connected = new Promise<Socket>((resolve) => io.once("connection", resolve));
  expect(await post("40")).toBe(200);
  const socket = await connected;
  await turn();
  expect(stream.takeText()).toBe(`data:40{"sid":"${socket.id}"}\n\n`);
  return { stream, socket, post };
}

test("[V1, S50] a broadcast reaches sockets on every transport, each once and in the order of the calls", async () => {
  const { io, host, enter, errors } = serverWorld();
  const own = await enter();
  own.peer.takeSent();
  const { stream, socket } = await enterSse(io, host);
  io.emit("a", 1);
  socket.emit("b", Buffer.of(1, 2, 3));
  io.emit("c", "two\nlines");
  await turn();
  expect(stream.takeText()).toBe(
    'data:42["a",1]\ndata:451-["b",{"_placeholder":true,"num":0}]\ndata:bAQID\ndata:42["c","two\\nlines"]\n\n',
  );
  expect(own.peer.takeSent()).toEqual(['42["a",1]', '42["c","two\\nlines"]']);
  expect(errors).toEqual([]);
  await io.close();
});

test("[V11, S53] a volatile event is dropped for a reader that is behind, and no other", async () => {
  const { io, host } = serverWorld();
  const { stream, socket } = await enterSse(io, host);
  socket.volatile.emit("a");
  stream.bufferedAmount = 64 * 1024;
  socket.volatile.emit("b");
  socket.emit("c");
  stream.catchUp();
  socket.volatile.emit("d");
  await turn();
  expect(stream.takeText()).toBe('data:42["a"]\ndata:42["c"]\ndata:42["d"]\n\n');
  await io.close();
});

test("[V10] whoever is put out is told what was sent before, and that it is over", async () => {
  const { io, host } = serverWorld();
  const { stream, socket, post } = await enterSse(io, host);
  const reasons: string[] = [];
  socket.on("disconnect", (reason) => reasons.push(reason));
  socket.emit("last");
  socket.disconnect(true);
  await turn();
  expect([stream.takeText(), stream.state]).toEqual(['data:42["last"]\ndata:41\n\ndata:1\n\n', "ended"]);
  expect([reasons, await post('42["late"]')]).toEqual([["server namespace disconnect"], 400]);
  await io.close();
});

test("[V8] a link that breaks ends its sockets as that of a WebSocket does", async () => {
  const { io, host } = serverWorld();
  const { stream, socket } = await enterSse(io, host);
  const reasons: string[] = [];
  socket.on("disconnect", (reason) => reasons.push(reason));
  stream.leave();
  expect([reasons, io.engine.clientsCount]).toEqual([["transport close"], 0]);
  await io.close();
});
