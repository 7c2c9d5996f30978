import { ask } from "../raw-peer.ts";
import { frames, openWebSocket, PollingSession, type Script, seen } from "../wire-scripts.ts";

const byPeer: Script = {
  name: "a close packet over polling: the waiting poll gets a noop, the session is forgotten",
  async run({ port }) {
    const session = await PollingSession.open(port);
    await session.say("40", 1);
    const waiting = session.get();
    await ask(port, "/socket.io/?EIO=4&transport=polling&sid=nobody");
    const lines: unknown[] = [seen(await session.post("1")), seen(await waiting)];
    return [...lines, seen(await session.get())];
  },
};

const byPeerWithoutPoll: Script = {
  name: "a close packet over polling while no poll waits",
  async run({ port }) {
    const session = await PollingSession.open(port);
    await session.say("40", 1);
    return [seen(await session.post("1")), seen(await session.get())];
  },
};

const byServer: Script = {
  name: "disconnect(true) over polling: the DISCONNECT in one body, the close packet in the next",
  async run({ port }) {
    const session = await PollingSession.open(port);
    await session.say("40", 1);
    const waiting = session.get();
    await ask(port, "/socket.io/?EIO=4&transport=polling&sid=nobody");
    await session.post('42["end"]');
    const lines: unknown[] = [seen(await waiting), seen(await session.get())];
    return [...lines, seen(await session.get())];
  },
};

const byServerWithoutPoll: Script = {
  name: "disconnect(true) over polling while no poll waits",
  async run({ port }) {
    const session = await PollingSession.open(port);
    await session.say("40", 1);
    await session.post('42["echo",1]\x1e42["end"]');
    const lines: unknown[] = [seen(await session.get()), seen(await session.get())];
    return [...lines, seen(await session.get())];
  },
};

const byServerOverWebSocket: Script = {
  name: "disconnect(true) over a WebSocket",
  async run(server) {
    const socket = await openWebSocket(server);
    socket.send("40");
    await frames(socket, 2);
    socket.send('42["end"]');
    const lines: unknown[] = [await frames(socket, 1)];
    await socket.closed;
    return lines;
  },
};

const shutDown: Script = {
  name: "io.close(): what a waiting poll and a WebSocket get",
  async run(server) {
    const session = await PollingSession.open(server.port);
    await session.say("40", 1);
    const waiting = session.get();
    const socket = await openWebSocket(server);
    socket.send("40");
    await frames(socket, 2);
    await ask(server.port, "/socket.io/?EIO=4&transport=polling&sid=nobody");
    void server.io.close();
    await socket.closed;
    return [seen(await waiting)];
  },
};

const GARBAGE = [
  "xyz",
  "",
  "9",
  "2",
  "42{",
  "4",
  "4abc",
  "42{}",
  '42["connect"]',
  "40",
  '42/other,["x"]',
  '45a-["x"]',
  '450-["x"]',
  "44",
  "47",
];

const garbageOverWebSocket: Script = {
  name: "what is no packet ends a WebSocket",
  async run(server) {
    for (const packet of GARBAGE) {
      const socket = await openWebSocket(server);
      socket.send("40");
      await frames(socket, 2);
      socket.send(packet);
      await socket.closed;
    }
    return [];
  },
};

const garbageOverPolling: Script = {
  name: "what is no packet ends a session over polling",
  async run({ port }) {
    const lines: unknown[] = [];
    for (const packet of GARBAGE.filter((text) => text !== "")) {
      const session = await PollingSession.open(port);
      await session.say("40", 1);
      const waiting = session.get();
      await ask(port, "/socket.io/?EIO=4&transport=polling&sid=nobody");
      await session.post(packet);
      lines.push([packet, seen(await waiting), seen(await session.get())]);
    }
    return lines;
  },
};

const binaryFirst: Script = {
  name: "binary that no event announced ends the connection",
  async run(server) {
    const socket = await openWebSocket(server);
    socket.send("40");
    await frames(socket, 2);
    socket.send(Buffer.from([1]));
    await socket.closed;
    return [];
  },
};

export const closingScripts: readonly Script[] = [
  byPeer,
  byPeerWithoutPoll,
  byServer,
  byServerWithoutPoll,
  byServerOverWebSocket,
  shutDown,
  garbageOverWebSocket,
  garbageOverPolling,
  binaryFirst,
];
