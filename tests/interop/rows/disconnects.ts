import { expect } from "vitest";
import type { Cell } from "../cell.ts";
import { rawPeer } from "../raw-peer.ts";
import { openRawServer } from "../raw-server.ts";
import type { Row } from "../row.ts";
import { once, until, within } from "../wait.ts";

const cut: Row = {
  name: "the TCP connection is cut: what breaks an answer is an error, what ends a WebSocket a close",
  server: { resumption: false },
  async run(cell) {
    const { client, socket, link } = await cell.connectAtRest();
    const reasons = [once(socket, "disconnect"), once(client, "disconnect")];
    link.cut();
    const [[atServer], [atClient]] = (await Promise.all(reasons)) as [[unknown], [unknown]];
    const wanted = cell.settledTransport === "polling" ? "transport error" : "transport close";
    // A stream is an answer to the client, which breaks, and a link to the server, which ends.
    const seenByClient = cell.settledTransport === "sse" ? "transport error" : wanted;
    expect([atServer, atClient]).toEqual([wanted, seenByClient]);
  },
};

const cutDuringUpgrade: Row = {
  name: "the TCP connections are cut right after the start, during an upgrade where there is one: both ends see it",
  server: { pingInterval: 250, pingTimeout: 250, resumption: false },
  async run(cell) {
    const link = await cell.link();
    const { client, socket } = await cell.connectEarly("/", {}, link.port);
    const { engine } = client.io;
    await until(
      () => link.pollPending || engine.transport.name === "sse" || engine.transport.name === "websocket",
      "a poll, or the end of the upgrade",
    );
    const reasons = [once(socket, "disconnect"), once(client, "disconnect")];
    link.refuse(true);
    link.cut();
    // A server whose peer had neither a poll nor a WebSocket at that moment has only its heartbeat.
    for (const [reason] of await Promise.all(reasons))
      expect(reason).toMatch(/^transport (close|error)$|^ping timeout$/);
  },
};

const HEARTBEAT = { pingInterval: 250, pingTimeout: 250, resumption: false } as const;

const pingTimeout: Row = {
  name: "the cable is pulled: ping timeout on both ends",
  server: HEARTBEAT,
  async run(cell) {
    const link = await cell.link();
    const { client, socket } = await cell.connect("/", {}, link.port);
    const reasons = [once(socket, "disconnect"), once(client, "disconnect")];
    link.stall();
    expect((await Promise.all(reasons)).map(([reason]) => reason)).toEqual(["ping timeout", "ping timeout"]);
  },
};

const heartbeat: Row = {
  name: "a connection on which nothing is said outlives many heartbeats",
  // Each ping waits for the pong before, so eight of them prove as many; how long one may take is not the matter.
  server: { pingInterval: 25, pingTimeout: 4000 },
  async run(cell) {
    const { client, socket } = await cell.connect();
    let pings = 0;
    const enough = new Promise<void>((resolve) => {
      client.io.on("ping", () => {
        if ((pings += 1) === 8) resolve();
      });
    });
    await within(enough, () => `${pings} pings`);
    expect(client.connected && socket.connected).toBe(true);
  },
};

/** The reason that the server gives when a hand-made peer sends a packet. */
async function reasonFor(cell: Cell, packet: string): Promise<unknown> {
  const arrived = cell.arrival();
  const peer = await rawPeer(cell.port, cell.settledTransport);
  const gone = once(await arrived, "disconnect");
  void peer.send(packet).catch(() => undefined);
  const [reason] = await gone;
  peer.drop();
  return reason;
}

const garbageToServer: Row = {
  name: "garbage sent to the server ends that connection with the reason of the layer that refused it",
  async run(cell) {
    expect(await reasonFor(cell, "xyz"), "no engine packet").toBe("parse error");
    expect(await reasonFor(cell, "2"), "a ping, which only the server sends").toBe("transport error");
    expect(await reasonFor(cell, "42{not json"), "no JSON").toBe("forced close");
    expect(await reasonFor(cell, "4abc"), "no socket packet").toBe("forced close");
    expect(await reasonFor(cell, '42["connect"]'), "a reserved event").toBe("forced close");
    expect(await reasonFor(cell, "42{}"), "an event that is no list").toBe("forced close");
    expect(await reasonFor(cell, '45a-["x"]'), "a count that is no number").toBe("forced close");
    expect(await reasonFor(cell, "40"), "a second CONNECT").toMatch(/^forced (server )?close$/);
    expect(await reasonFor(cell, '42/other,["x"]'), "a namespace it is not in").toMatch(
      /^forced (server )?close$/,
    );
    const { client } = await cell.connect();
    expect(client.connected).toBe(true);
  },
};

const harmlessToServer: Row = {
  name: "what is odd but harmless ends nothing: an unknown ack id, a pong that nobody asked for, a noop",
  async run(cell) {
    const arrived = cell.arrival();
    const peer = await rawPeer(cell.port, cell.settledTransport);
    const socket = await arrived;
    await peer.send('43999["x"]');
    await peer.send("3");
    await peer.send("6");
    const event = once(socket, "after");
    await peer.send('42["after"]');
    await event;
    expect(socket.connected).toBe(true);
    const gone = once(socket, "disconnect");
    await peer.send("41");
    expect((await gone)[0]).toBe("client namespace disconnect");
    peer.drop();
  },
};

const numberedEvents: Row = {
  name: "an event may have a number for a name, in both directions",
  async run(cell) {
    const arrived = cell.arrival();
    const peer = await rawPeer(cell.port, cell.settledTransport);
    const atServer = once(await arrived, "7");
    await peer.send('42[7,"up"]');
    expect(await atServer).toEqual(["up"]);
    await peer.send("1").finally(() => peer.drop());
    const server = await openRawServer();
    try {
      const client = cell.dial("/", {}, server.port);
      await once(client, "connect");
      const atClient = once(client, "7");
      server.send('42[7,"down"]');
      expect(await atClient).toEqual(["down"]);
    } finally {
      await server.close();
    }
  },
};

const engineClose: Row = {
  name: "a peer that closes its engine session: transport close",
  async run(cell) {
    const arrived = cell.arrival();
    const peer = await rawPeer(cell.port, cell.settledTransport);
    const gone = once(await arrived, "disconnect");
    if (cell.settledTransport === "websocket") peer.drop();
    else void peer.send("1");
    expect((await gone)[0]).toBe("transport close");
    peer.drop();
  },
};

const garbageToClient: Row = {
  name: "garbage sent to the client ends its connection, and it says why",
  async run(cell) {
    for (const [packet, reason] of [
      ["42{not json", "parse error"],
      ["4abc", "parse error"],
      ['42["connect"]', "parse error"],
      ["1", "transport close"],
    ] as const) {
      // A close packet is for the others; a WebSocket has its own close.
      if (packet === "1" && cell.transport === "websocket") continue;
      const server = await openRawServer();
      try {
        const client = cell.dial("/", {}, server.port);
        await once(client, "connect");
        const gone = once(client, "disconnect");
        server.send(packet);
        expect((await gone)[0], packet).toBe(reason);
      } finally {
        await server.close();
      }
    }
  },
};

const tooManyAttachments: Row = {
  name: "a peer that announces eleven attachments in one event is cut off; ten are the limit",
  async run(cell) {
    const list = Array.from({ length: 11 }, (_, num) => `{"_placeholder":true,"num":${num}}`).join(",");
    expect(await reasonFor(cell, `4511-["up",${list}]`)).toBe("forced close");
  },
};

const connectTimeout: Row = {
  name: "a connection that joins no namespace in time is closed",
  server: { connectTimeout: 60 },
  async run(cell) {
    cell.io.use(() => {}); // lets nobody in
    const client = cell.dial();
    expect((await once(client.io, "close"))[0]).toMatch(/^transport (close|error)$/);
    expect(client.connected).toBe(false);
  },
};

export const group: readonly Row[] = [
  cut,
  cutDuringUpgrade,
  pingTimeout,
  heartbeat,
  garbageToServer,
  harmlessToServer,
  numberedEvents,
  engineClose,
  garbageToClient,
  tooManyAttachments,
  connectTimeout,
];
