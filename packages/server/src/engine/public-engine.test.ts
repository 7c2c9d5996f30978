import { describe, expect, test } from "vitest";
import { EngineWorld, settle } from "../testing/engine-world.ts";
import { TestRequest } from "../testing/test-request.ts";

const POLLING = "EIO=4&transport=polling";
const WEBSOCKET = "EIO=4&transport=websocket";

describe("[E30] io.engine", () => {
  test("[E30] counts its clients and shows them by id", async () => {
    const world = new EngineWorld();
    const { session } = await world.openPolling();
    const other = await world.openWebSocket();
    const { clients } = world.engine;
    expect(Object.keys(clients)).toEqual([session.id, other.session.id]);
    expect([clients[session.id], clients["__proto__"], session.id in clients]).toEqual([
      session,
      undefined,
      true,
    ]);
    expect(world.engine.clientsCount).toBe(2);
    expect(() => Object.assign(clients, { mine: session })).toThrow();
  });

  test("[E30] a client that was closed no longer counts, though its WebSocket has not closed yet", async () => {
    const world = new EngineWorld();
    const { session, peer } = await world.openWebSocket();
    peer.close = () => {};
    session.close();
    expect([session.readyState, world.engine.clientsCount, Object.keys(world.engine.clients)]).toEqual([
      "closed",
      0,
      [],
    ]);
    expect(world.engine.size).toBe(1);
    peer.drop();
    expect([world.engine.size, world.engine.clientsCount]).toEqual([0, 0]);
  });

  test("[E30] tells of connections after the layer above, and says to what they may move up", async () => {
    const world = new EngineWorld();
    const order: string[] = [];
    world.onSession = () => order.push("above");
    world.engine.on("connection", (session) => order.push(session.id));
    const { session } = await world.openPolling();
    expect(order).toEqual(["above", session.id]);
    expect([world.engine.upgrades("polling"), world.engine.upgrades("websocket")]).toEqual([
      ["websocket"],
      [],
    ]);
    expect(new EngineWorld({ allowUpgrades: false }).engine.upgrades("polling")).toEqual([]);
  });

  test("[E30] what a listener throws is reported and goes no further", async () => {
    const world = new EngineWorld();
    world.engine.on("connection", () => {
      throw new Error("mine");
    });
    await world.openPolling();
    expect(world.errors.map(String)).toEqual(["Error: mine"]);
  });

  test("[E30] takes no requests of node:http where there is nobody to take them", () => {
    const { engine } = new EngineWorld();
    expect(() => engine.attach({})).toThrow("this engine has no server");
    const exchange = new TestRequest();
    expect(() => engine.handleRequest(exchange.incoming, exchange.outgoing)).toThrow(
      "no requests of node:http",
    );
  });
});

describe("[E31] generateId", () => {
  test("[E31] may be assigned, be async, and see the request", async () => {
    const world = new EngineWorld();
    world.engine.generateId = async (request) => {
      await settle();
      return `of ${request.headers["user-agent"]}`;
    };
    await world.request({ query: POLLING, headers: { "user-agent": "x" } });
    const accepted = await world.engine.upgrade(
      new TestRequest({ query: WEBSOCKET, headers: { "user-agent": "y" } }),
    );
    expect(accepted.accept).toBe(true);
    expect(world.sessions.map(({ session }) => session.id)).toEqual(["of x"]);
  });

  test.each([
    ["throws", () => fail("no")],
    ["rejects", () => Promise.reject(new Error("no"))],
    ["gives nothing", () => ""],
    ["gives what is no text", () => 7 as unknown as string],
  ])("[E31] one that %s refuses the handshake and is reported", async (_what, generateId) => {
    const world = new EngineWorld();
    world.engine.generateId = generateId;
    const answer = await world.request({ query: POLLING });
    expect(answer).toMatchObject({ status: 400, body: '{"code":3,"message":"Bad request"}' });
    const upgrade = await world.engine.upgrade(new TestRequest({ query: WEBSOCKET }));
    expect(upgrade).toMatchObject({ accept: false, response: { status: 400, body: "Bad request" } });
    expect(world.refused.map(({ context }) => context["name"])).toEqual([
      "ID_GENERATION_ERROR",
      "ID_GENERATION_ERROR",
    ]);
    expect([world.errors.length, world.engine.size]).toEqual([2, 0]);
  });

  test("[E31] an id that a session has already is refused, also when two get it at one time", async () => {
    const world = new EngineWorld();
    world.engine.generateId = () => "same";
    await world.request({ query: POLLING });
    expect((await world.request({ query: POLLING })).status).toBe(400);
    expect([world.engine.size, world.refused.length]).toEqual([1, 1]);
    const twins = new EngineWorld();
    twins.engine.generateId = () => "same";
    const [first, second] = await Promise.all([twins.connect(WEBSOCKET), twins.connect(WEBSOCKET)]);
    expect([first?.state, second?.state, twins.engine.size]).toEqual(["open", "closed", 1]);
  });
});

describe("[E32] connection_error", () => {
  test("[E32] tells the request, the code, Engine.IO's words for it, and the context", async () => {
    const world = new EngineWorld({ allowRequest: async () => false });
    const told: unknown[] = [];
    world.engine.on("connection_error", ({ req, code, message, context }) => {
      told.push([req.url, req._query["sid"], code, message, context]);
    });
    await world.request({ query: `${POLLING}&sid=nobody` });
    await world.request({ query: POLLING });
    expect(told).toEqual([
      [`/engine.io/?${POLLING}&sid=nobody`, "nobody", 1, "Session ID unknown", { sid: "nobody" }],
      [`/engine.io/?${POLLING}`, undefined, 4, "Forbidden", { message: undefined }],
    ]);
  });

  test("[E32] of a refusal with words of its own the context has them", async () => {
    const world = new EngineWorld({ allowRequest: (_request, decide) => decide("go away", false) });
    await world.request({ query: POLLING });
    expect(world.refused).toEqual([{ code: 4, message: "Forbidden", context: { message: "go away" } }]);
  });
});

describe("[E33] headers", () => {
  test("[E33] listeners may change the headers of the first answer, and of each that has something in it", async () => {
    const world = new EngineWorld();
    world.engine.on("initial_headers", (headers, request) => {
      headers["x-first"] = [request.method ?? "", "twice"];
    });
    world.engine.on("headers", (headers, request) => {
      headers["x-each"] = request._query["transport"] ?? "";
      delete headers["cache-control"];
    });
    const first = await world.request({ query: POLLING });
    expect(first.headers).toMatchObject({ "x-first": ["GET", "twice"], "x-each": "polling" });
    const { session } = world.sessions[0] ?? fail("no session");
    const posted = await world.post(session.id, "4a");
    expect(posted.headers).toEqual({ "Content-Type": "text/html", "x-each": "polling" });
    session.send("b");
    expect((await world.get(session.id)).headers).not.toHaveProperty("x-first");
    expect(
      (await world.request({ method: "PUT", query: `${POLLING}&sid=${session.id}` })).headers,
    ).toBeUndefined();
  });

  test("[E33] and those of an upgrade, the first one if it opens the session", async () => {
    const world = new EngineWorld();
    const told: string[] = [];
    world.engine.on("initial_headers", (headers) => {
      told.push("initial");
      headers["x-first"] = "1";
    });
    world.engine.on("headers", (headers) => {
      told.push("headers");
      headers["x-each"] = "2";
    });
    world.engine.on("connection", () => told.push("connection"));
    const fresh = new TestRequest({ query: WEBSOCKET });
    expect(await world.engine.upgrade(fresh)).toMatchObject({ headers: { "x-first": "1", "x-each": "2" } });
    const { session } = await world.openPolling();
    told.length = 0;
    const upgrade = await world.engine.upgrade(new TestRequest({ query: `${WEBSOCKET}&sid=${session.id}` }));
    expect(upgrade).toMatchObject({ headers: { "x-each": "2" } });
    expect(told).toEqual(["headers"]);
    told.length = 0;
    await world.openPolling();
    expect(told).toEqual(["initial", "headers", "connection"]);
  });
});

test("[E41] the cookie is set with the answer to a handshake over polling, and with no other", async () => {
  const world = new EngineWorld({ cookie: (id) => `io=${id}; Path=/` });
  const first = await world.request({ query: POLLING });
  const { session } = world.sessions[0] ?? fail("no session");
  expect(first.headers?.["Set-Cookie"]).toEqual([`io=${session.id}; Path=/`]);
  session.send("a");
  expect((await world.get(session.id)).headers).not.toHaveProperty("Set-Cookie");
  expect(await world.engine.upgrade(new TestRequest({ query: WEBSOCKET }))).not.toHaveProperty("headers");
});

test("[E44] the initial packet is in the first answer, behind the handshake, and the first on a WebSocket", async () => {
  const world = new EngineWorld({ initialPacket: "hello" });
  const { body } = await world.request({ query: POLLING });
  expect(String(body).split("\u001e")[1]).toBe("4hello");
  const peer = await world.connect(WEBSOCKET);
  expect(peer.takeSent().slice(1)).toEqual(["4hello"]);
});

function fail(why: string): never {
  throw new Error(why);
}
