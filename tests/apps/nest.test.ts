import type { Socket } from "socket.io-client";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { App, type Io, LIBRARY, type Running } from "./app.ts";
import { heard } from "./heard.ts";

// Gateways of NestJS: its adapter has a dependency `socket.io` of its own, which `overrides` turn to ours.

const app = await App.install("nest");
const clients = Object.entries((await app?.clients()) ?? {});

describe.skipIf(!app).each(clients)(`NestJS on ${LIBRARY}, %s`, (_name, io: Io) => {
  let running: Running;
  beforeAll(async () => (running = await app!.start()));
  afterAll(() => running.stop());

  const sockets: Socket[] = [];
  afterEach(() => sockets.splice(0).forEach((socket) => socket.disconnect()));
  const connect = (name?: string, namespace = "", more = {}): Socket => {
    const auth = name === undefined ? more : { name, ...more };
    const socket = io(`${running.url}/${namespace}`, { auth, forceNew: true });
    sockets.push(socket);
    return socket;
  };
  const enter = async (room: string, ...names: readonly string[]): Promise<Socket[]> => {
    const entered: Socket[] = [];
    for (const name of names) {
      const socket = connect(name);
      await socket.emitWithAck("enter", room);
      entered.push(socket);
    }
    return entered;
  };

  test("greets who connects, after its lifecycle hooks", async () => {
    expect(await heard(connect("ann"), "welcome")).toEqual([{ name: "ann", ready: true }]);
  });

  test("refuses in the middleware that the adapter put there", async () => {
    const [error] = (await heard(connect(), "connect_error")) as [Error];
    expect(error.message).toBe("who are you?");
  });

  test("answers an event with what the method returns", async () => {
    const [ann] = await enter("garden", "ann");
    const bob = connect("bob");
    const entered = heard(ann!, "entered");
    expect(await bob.emitWithAck("enter", "garden")).toEqual(["ann", "bob"]);
    expect(await entered).toEqual(["bob"]);
  });

  test("speaks to a room and answers by hand", async () => {
    const [ann, bob] = await enter("kitchen", "ann", "bob");
    const said = Promise.all([heard(ann!, "said"), heard(bob!, "said")]);
    expect(await ann!.emitWithAck("say", { room: "kitchen", text: "hot!" })).toEqual({ seen: 2 });
    expect(await said).toEqual([[{ who: "ann", text: "hot!" }], [{ who: "ann", text: "hot!" }]]);
  });

  test("sends an exception of a gateway as an event", async () => {
    const ann = connect("ann");
    const exception = heard(ann, "exception");
    ann.emit("say", { room: "cellar", text: "dark" });
    expect((await exception)[0]).toMatchObject({ status: "error", message: "you are not in cellar" });
  });

  test("answers with events, one or several", async () => {
    const ann = connect("ann");
    const pong = heard(ann, "pong");
    ann.emit("ping", 41);
    expect(await pong).toEqual([42]);
    const counted: number[] = [];
    const done = new Promise<void>((resolve) =>
      ann.on("counted", (value: number) => counted.push(value) === 3 && resolve()),
    );
    ann.emit("count", 3);
    await done;
    expect(counted).toEqual([1, 2, 3]);
  });

  test("has a gateway on a namespace of its own, with its own middleware", async () => {
    const [error] = (await heard(connect("ann", "staff", { key: "shut" }), "connect_error")) as [
      Error & { data: unknown },
    ];
    expect([error.message, error.data]).toEqual(["staff only", { ask: "the manager" }]);
    const staff = connect("ann", "staff", { key: "open" });
    expect(await staff.emitWithAck("where")).toBe("/staff /staff 1");
    const answer = (await staff.emitWithAck("bytes", Buffer.from([1, 2, 3]))) as { back: Uint8Array };
    expect(answer).toMatchObject({ length: 3 });
    expect([...answer.back]).toEqual([3, 2, 1]);
    const gone = heard(staff, "disconnect");
    staff.emit("dismiss");
    expect((await gone)[0]).toBe("io server disconnect");
  });

  test("lets a controller speak to the sockets, and tells of who left", async () => {
    const [ann, bob] = await enter("hall", "ann", "bob");
    expect(await (await fetch(`${running.url}/people`)).json()).toEqual(["ann", "bob"]);
    const announced = heard(ann!, "announced");
    expect((await fetch(`${running.url}/announce?text=supper`, { method: "POST" })).status).toBe(201);
    expect(await announced).toEqual(["supper"]);
    const left = heard(ann!, "left");
    bob!.disconnect();
    expect(await left).toEqual(["bob"]);
  });

  test("lets pages of the origin that the adapter names", async () => {
    const answer = await fetch(`${running.url}/socket.io/?EIO=4&transport=polling`, {
      headers: { origin: "https://pages.example" },
    });
    expect(answer.headers.get("access-control-allow-origin")).toBe("https://pages.example");
    expect(answer.headers.get("access-control-allow-credentials")).toBe("true");
    expect(await answer.text()).toContain('"pingInterval":10000');
  });
});

describe.skipIf(!app)(`NestJS on ${LIBRARY}`, () => {
  test("closes its sockets when it is told to end", async () => {
    const running = await app!.start();
    const [, io] = clients[0]!;
    // In the middle of an upgrade it might be any of several reasons.
    const options = { transports: ["websocket"], reconnection: false, forceNew: true };
    const socket = io(running.url, { auth: { name: "ann" }, ...options });
    await heard(socket, "welcome");
    const gone = heard(socket, "disconnect");
    await running.stop();
    expect((await gone)[0]).toBe("transport close");
  });
});
