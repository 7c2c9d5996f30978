import { expect } from "vitest";
import type { Row } from "../row.ts";
import { fence, once, times } from "../wait.ts";

const QUICK = { reconnection: true, reconnectionDelay: 10, reconnectionDelayMax: 20 };

const comesBack: Row = {
  name: "the server goes away and comes back on its port: the client is back, and what it emitted arrives in order",
  server: { resumption: false },
  async run(cell) {
    const { client } = await cell.connectAtRest("/", QUICK);
    const before = client.id;
    const gone = once(client, "disconnect");
    const comeBack = await cell.shutDown();
    expect((await gone)[0]).toBe("transport close");
    expect([client.connected, client.active]).toEqual([false, true]);
    for (let index = 0; index < 20; index += 1) client.emit("n", index, Buffer.from([index]));
    const connected = once(client, "connect");
    await once(client.io, "reconnect_error");
    await comeBack();
    const arrived = times(await cell.arrival(), "n", 20);
    await connected;
    expect(client.id).not.toBe(before);
    expect((await arrived).map(([index]) => index)).toEqual(Array.from({ length: 20 }, (_, index) => index));
  },
};

const afterCut: Row = {
  name: "after a cut the client is back by itself, with another id, and events pass both ways",
  server: { resumption: false },
  async run(cell) {
    const { link, ...first } = await cell.connectAtRest("/", { ...QUICK, auth: { token: 1 } });
    const attempts: unknown[] = [];
    first.client.io.on("reconnect_attempt", (attempt: number) => attempts.push(attempt));
    const reconnected = once(first.client.io, "reconnect");
    const arrived = cell.arrival();
    link.cut();
    const [attempt] = await reconnected;
    const socket = await arrived;
    await cell.upgraded(first.client);
    if (!first.client.connected) await once(first.client, "connect");
    expect([attempt, attempts]).toEqual([
      attempts.length,
      Array.from({ length: attempts.length }, (_, n) => n + 1),
    ]);
    expect([socket.id === first.socket.id, socket.id === first.client.id]).toEqual([false, true]);
    expect(socket.handshake.auth).toEqual({ token: 1 });
    await fence(first.client, socket);
    await fence(socket, first.client);
  },
};

const allNamespaces: Row = {
  name: "after a cut every namespace of the connection is back",
  server: { resumption: false },
  async run(cell) {
    cell.io.of("/a");
    const { link, ...main } = await cell.connectAtRest("/", QUICK);
    const client = main.client.io.socket("/a");
    await once(client, "connect");
    await cell.rest(link);
    const back = [once(main.client, "connect"), once(client, "connect")];
    link.cut();
    await Promise.all(back);
    expect(cell.socketOf(client, "/a").connected && cell.socketOf(main.client).connected).toBe(true);
    client.disconnect();
  },
};

const serverAbsent: Row = {
  name: "without a server: connect_error with an Error, and the client goes on trying until there is one",
  async run(cell) {
    const link = await cell.link();
    link.refuse(true);
    const client = cell.dial("/", QUICK, link.port);
    const errors = await times(client, "connect_error", 2);
    for (const [error] of errors) expect(error).toBeInstanceOf(Error);
    expect([client.connected, client.active]).toEqual([false, true]);
    const connected = once(client, "connect");
    link.refuse(false);
    await connected;
  },
};

const givesUp: Row = {
  name: "reconnectionAttempts limits how often; then reconnect_failed",
  async run(cell) {
    const { client, link } = await cell.connectAtRest("/", { ...QUICK, reconnectionAttempts: 2 });
    const seen: unknown[] = [];
    client.io.on("reconnect_attempt", (attempt: number) => seen.push(attempt));
    client.io.on("reconnect_error", (error: unknown) => seen.push(error instanceof Error));
    const failed = once(client.io, "reconnect_failed");
    link.refuse(true);
    link.cut();
    await failed;
    expect(seen).toEqual([1, true, 2, true]);
    expect(client.active).toBe(true);
  },
};

const notWanted: Row = {
  name: "with reconnection off the client stays away, until connect() is called",
  async run(cell) {
    const { client, link } = await cell.connectAtRest();
    const gone = once(client, "disconnect");
    link.cut();
    await gone;
    expect(client.connected).toBe(false);
    const connected = once(client, "connect");
    client.connect();
    await connected;
  },
};

const retries: Row = {
  name: "with retries an event that is not acked is sent again, and the next waits for it",
  server: { resumption: false }, // with it each is sent once
  async run(cell) {
    const { client, socket } = await cell.connect("/", { retries: 3, ackTimeout: 80 });
    const seen: unknown[] = [];
    let first = true;
    socket.on("n", (n: number, answer: (text: string) => void) => {
      seen.push(n);
      if (first) first = false;
      else answer(`got ${n}`);
    });
    const answers = [1, 2].map(
      (n) => new Promise<unknown[]>((resolve) => client.emit("n", n, (...args: unknown[]) => resolve(args))),
    );
    expect(await Promise.all(answers)).toEqual([
      [null, "got 1"],
      [null, "got 2"],
    ]);
    expect(seen).toEqual([1, 1, 2]);
  },
};

export const group: readonly Row[] = [
  comesBack,
  afterCut,
  allNamespaces,
  serverAbsent,
  givesUp,
  notWanted,
  retries,
];
