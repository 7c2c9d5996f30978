import type { Socket } from "socket.io-client";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { App, type Io, LIBRARY, type Running } from "./app.ts";
import { heard } from "./heard.ts";

// `instrument` of @socket.io/admin-ui, seen as its pages see it: what the namespace /admin says and takes.

interface Seen {
  readonly id: string;
  readonly nsp: string;
  readonly transport: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly rooms: readonly string[];
  readonly handshake: Readonly<Record<string, unknown>>;
}
interface Stats {
  readonly serverId: string;
  readonly clientsCount: number;
  readonly pollingClientsCount: number;
  readonly namespaces: readonly { readonly name: string; readonly socketsCount: number }[];
  readonly aggregatedEvents: readonly { readonly type: string; readonly count: number }[];
}

const app = await App.install("admin");
const clients = Object.entries((await app?.clients()) ?? {});

describe.skipIf(!app).each(clients)(`the admin UI's server side on ${LIBRARY}, %s`, (_name, io: Io) => {
  let running: Running;
  beforeAll(async () => (running = await app!.start()));
  afterAll(() => running.stop());

  const sockets: Socket[] = [];
  const connect = (namespace: string, options = {}): Socket => {
    const socket = io(running.url + namespace, { forceNew: true, ...options });
    sockets.push(socket);
    return socket;
  };
  /** The next event of that name that speaks of this socket, and of this room if one is named. */
  const about = (id: string, event: string, room?: string): Promise<unknown[]> =>
    new Promise((resolve) => {
      const take = (...args: unknown[]): void => {
        const isHis = args.includes(id) || (args[0] as { id?: string }).id === id;
        if (!isHis || (room !== undefined && !args.includes(room))) return;
        admin.off(event, take);
        resolve(args);
      };
      admin.on(event, take);
    });
  const connected = async (namespace = "/", options = {}): Promise<Socket> => {
    const socket = connect(namespace, options);
    await heard(socket, "connect");
    return socket;
  };

  let admin: Socket;
  let config: unknown[];
  let all: Seen[];
  beforeEach(async () => {
    admin = connect("/admin");
    const first = Promise.all([heard(admin, "config"), heard(admin, "all_sockets")]);
    config = (await first)[0];
    all = (await first)[1][0] as Seen[];
  });
  afterEach(async () => {
    // The next test must not see these go.
    for (const socket of sockets.splice(0).toReversed()) {
      if (socket === admin || !socket.connected) continue;
      const gone = about(socket.id!, "socket_disconnected");
      socket.disconnect();
      await gone;
    }
    admin.disconnect();
  });

  test("says what can be done, and which sockets there are", () => {
    const features = [
      ...["EMIT", "JOIN", "LEAVE", "DISCONNECT", "MJOIN", "MLEAVE", "MDISCONNECT"],
      ...["AGGREGATED_EVENTS", "ALL_EVENTS"],
    ];
    expect(config).toEqual([{ supportedFeatures: features }]);
    expect(all).toHaveLength(1);
    expect(all[0]).toMatchObject({
      id: admin.id,
      nsp: "/admin",
      rooms: [admin.id],
      handshake: { secure: false, xdomain: false, url: expect.stringMatching(/^\/socket\.io\//) },
    });
  });

  test("says how the server is", async () => {
    const pause = await connected("/", { transports: ["polling"] });
    await connected("/games");
    const [stats] = (await heard(admin, "server_stats")) as [Stats];
    expect(stats).toMatchObject({ serverId: "the server", clientsCount: 3, pollingClientsCount: 1 });
    expect(stats.namespaces.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual([
      { name: "/", socketsCount: 1 },
      { name: "/admin", socketsCount: 1 },
      { name: "/games", socketsCount: 1 },
      { name: "/later", socketsCount: 0 },
    ]);
    const types = new Set(stats.aggregatedEvents.map(({ type }) => type));
    for (const type of ["rawConnection", "packetsIn", "packetsOut", "bytesIn", "bytesOut"]) {
      expect(types).toContain(type);
    }
    expect(pause.connected).toBe(true);
  });

  test.each(["/", "/games", "/later"])("sees who comes to %s and goes", async (namespace) => {
    const came = heard(admin, "socket_connected");
    const socket = await connected(namespace, { transports: ["websocket"] });
    const [seen] = (await came) as [Seen];
    expect(seen).toMatchObject({ id: socket.id, nsp: namespace, transport: "websocket", data: {} });
    const gone = about(socket.id!, "socket_disconnected");
    const id = socket.id!;
    socket.disconnect();
    expect((await gone).slice(0, 3)).toEqual([namespace, id, "client namespace disconnect"]);
  });

  test("sees the upgrade of a transport", async () => {
    const updated = heard(admin, "socket_connected").then(([seen]) =>
      about((seen as Seen).id, "socket_updated"),
    );
    const socket = connect("/games", { transports: ["polling", "websocket"] });
    const update = (await updated)[0];
    expect(update).toMatchObject({ id: socket.id, nsp: "/games" });
  });

  test("sees events both ways, and the data of a socket change", async () => {
    const socket = await connected();
    const received = about(socket.id!, "event_received");
    const updated = new Promise<unknown>((resolve) =>
      admin.on("socket_updated", (update: Seen) => update.data?.["name"] === "ann" && resolve(update)),
    );
    expect(await socket.emitWithAck("hello", "ann")).toBe("hello ann");
    expect((await received).slice(0, 3)).toEqual(["/", socket.id, ["hello", "ann"]]);
    expect(await updated).toEqual({ id: socket.id, nsp: "/", data: { name: "ann" } });
    const sent = about(socket.id!, "event_sent");
    const news = heard(socket, "news");
    admin.emit("emit", "/", undefined, "news", 1);
    expect(await news).toEqual([1]);
    expect((await sent).slice(0, 3)).toEqual(["/", socket.id, ["news", 1]]);
  });

  test("sees rooms entered and left", async () => {
    const socket = await connected();
    const joined = about(socket.id!, "room_joined", "garden");
    socket.emit("enter", "garden");
    expect((await joined).slice(0, 3)).toEqual(["/", "garden", socket.id]);
    const left = about(socket.id!, "room_left", "garden");
    socket.emit("exit", "garden");
    expect((await left).slice(0, 3)).toEqual(["/", "garden", socket.id]);
  });

  test("makes sockets join, leave and go", async () => {
    const socket = await connected();
    const joined = about(socket.id!, "room_joined", "cellar");
    admin.emit("join", "/", "cellar", socket.id);
    await joined;
    expect(await socket.emitWithAck("whereami")).toEqual([socket.id, "cellar"]);
    const left = about(socket.id!, "room_left", "cellar");
    admin.emit("leave", "/", "cellar");
    await left;
    expect(await socket.emitWithAck("whereami")).toEqual([socket.id]);
    const gone = heard(socket, "disconnect");
    admin.emit("_disconnect", "/", true, socket.id);
    expect((await gone)[0]).toBe("io server disconnect");
  });

  test("allows the pages of the admin UI", async () => {
    const answer = await fetch(`${running.url}/socket.io/?EIO=4&transport=polling`, {
      headers: { origin: "https://admin.socket.io" },
    });
    expect(answer.headers.get("access-control-allow-origin")).toBe("https://admin.socket.io");
  });
});
