import {
  CONVERSATION,
  frames,
  openWebSocket,
  PollingSession,
  type Script,
  seen,
  shown,
} from "../wire-scripts.ts";

const polling: Script = {
  name: "a conversation over polling",
  async run({ port }) {
    const session = await PollingSession.open(port);
    const lines: unknown[] = [seen(session.opened)];
    for (const [name, packets, answers] of CONVERSATION) {
      lines.push([name, await session.say(packets.join("\x1e"), answers)]);
    }
    return lines;
  },
};

const websocket: Script = {
  name: "a conversation over a WebSocket",
  async run(server) {
    const socket = await openWebSocket(server);
    const lines: unknown[] = [await frames(socket, 1)];
    for (const [name, packets, answers] of CONVERSATION) {
      for (const packet of packets) socket.send(packet);
      lines.push([name, await frames(socket, answers)]);
    }
    socket.terminate();
    return lines;
  },
};

const binaryWebSocket: Script = {
  name: "binary events and acks over a WebSocket",
  async run(server) {
    const socket = await openWebSocket(server);
    socket.send("40");
    const lines: unknown[] = [await frames(socket, 2)];
    socket.send('451-["echo",{"_placeholder":true,"num":0}]');
    socket.send(Buffer.from([1, 2, 255]));
    lines.push(await frames(socket, 2));
    socket.send('452-7["ask",[{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]]');
    socket.send(Buffer.alloc(0));
    socket.send(Buffer.from("b"));
    lines.push(await frames(socket, 3));
    socket.terminate();
    return lines;
  },
};

const binaryPolling: Script = {
  name: "binary events and acks over polling",
  async run({ port }) {
    const session = await PollingSession.open(port);
    await session.say("40", 1);
    return [
      await session.say('451-["echo",{"_placeholder":true,"num":0}]\x1ebAQL/', 2),
      await session.say(
        '452-7["ask",[{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]]\x1eb\x1ebYg==',
        3,
      ),
    ];
  },
};

const answers: Script = {
  name: "the answers to a poll, to a POST, and to methods that are neither",
  async run({ port }) {
    const session = await PollingSession.open(port);
    const lines: unknown[] = [seen(await session.post("40")), seen(await session.get())];
    for (const method of ["PUT", "DELETE", "OPTIONS"])
      lines.push([method, seen(await session.method(method))]);
    const waiting = session.get();
    await session.post('42["echo","é👍"]');
    lines.push(seen(await waiting));
    return lines;
  },
};

const upgrade: Script = {
  name: "an upgrade: probe, noop to the waiting poll, the switch, and what polling gets afterwards",
  async run({ port }) {
    const session = await PollingSession.open(port);
    await session.say("40", 1);
    const waiting = session.get();
    const socket = await session.upgrade();
    socket.send("2probe");
    const lines: unknown[] = [await frames(socket, 1), seen(await waiting)];
    lines.push(seen(await session.post('42["echo","over polling"]')), seen(await session.get()));
    socket.send("5");
    socket.send('42["echo","over the WebSocket"]');
    lines.push(await frames(socket, 1), seen(await session.get()), seen(await session.post('42["echo"]')));
    const second = await session.upgrade();
    await second.closed;
    socket.send('42["echo","still there"]');
    lines.push(await frames(socket, 1));
    socket.terminate();
    return lines;
  },
};

const unsent: Script = {
  name: "what waited for a poll leaves on the WebSocket after the switch",
  async run({ port }) {
    const session = await PollingSession.open(port);
    await session.say("40", 1);
    const socket = await session.upgrade();
    socket.send("2probe");
    const lines: unknown[] = [await frames(socket, 1)];
    await session.post('42["echo",1]\x1e42["echo",2]\x1e451-["echo",{"_placeholder":true,"num":0}]\x1ebAQ==');
    // An ack behind them: the server has handled all.
    socket.send("5");
    socket.send('42["echo",3]');
    lines.push(await frames(socket, 5));
    socket.terminate();
    return lines;
  },
};

const failedProbe: Script = {
  name: "a probe that is none closes the WebSocket and leaves polling as it was",
  async run({ port }) {
    const session = await PollingSession.open(port);
    await session.say("40", 1);
    const lines: unknown[] = [];
    for (const packet of ["2other", '42["echo"]', "3probe"]) {
      const socket = await session.upgrade();
      socket.send(packet);
      await socket.closed; // with which code: differences.ts
    }
    lines.push(await session.say('42["echo","after"]', 1));
    return lines;
  },
};

const concurrentUpgrades: Script = {
  name: "a second upgrade during the first is closed, the first goes on",
  async run({ port }) {
    const session = await PollingSession.open(port);
    await session.say("40", 1);
    const first = await session.upgrade();
    first.send("2probe");
    const lines: unknown[] = [await frames(first, 1)];
    const second = await session.upgrade();
    await second.closed;
    first.send("5");
    first.send('42["echo","after"]');
    lines.push(await frames(first, 1));
    first.terminate();
    return lines;
  },
};

const heartbeat: Script = {
  name: "the heartbeat",
  server: { pingInterval: 30, pingTimeout: 5_000 },
  async run(server) {
    const socket = await openWebSocket(server);
    const lines: unknown[] = [shown(await socket.next())];
    for (let beat = 0; beat < 3; beat += 1) {
      lines.push(await frames(socket, 1));
      socket.send("3");
    }
    socket.terminate();
    const session = await PollingSession.open(server.port);
    lines.push(seen(await session.get()), seen(await session.post("3")), seen(await session.get()));
    return lines;
  },
};

export const talkScripts: readonly Script[] = [
  polling,
  websocket,
  binaryWebSocket,
  binaryPolling,
  answers,
  upgrade,
  unsent,
  failedProbe,
  concurrentUpgrades,
  heartbeat,
];
