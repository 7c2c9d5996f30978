import { afterEach, beforeEach, expect, test } from "vitest";
import { type Cut, type Direction, FaultProxy, type UpgradePolicy } from "./proxy.ts";
import { dial, type TcpEnd, TcpServer } from "./tcp-ends.ts";

let server: TcpServer;
let proxy: FaultProxy;
const ends: TcpEnd[] = [];

beforeEach(async () => {
  server = await TcpServer.open();
  proxy = await FaultProxy.to(server.port);
});
afterEach(async () => {
  for (const end of ends.splice(0)) end.destroy();
  await proxy.close();
  server.close();
});

/** Both ends of a new link. */
async function link(): Promise<{ up: TcpEnd; down: TcpEnd }> {
  const accepted = server.accept();
  const up = await dial(proxy.port);
  const down = await accepted;
  ends.push(up, down);
  return { up, down };
}

/** `up` sends to the server; what it hears came down. */
function sides(direction: Direction, { up, down }: { up: TcpEnd; down: TcpEnd }): [from: TcpEnd, to: TcpEnd] {
  return direction === "up" ? [up, down] : [down, up];
}

const GET = "GET /x?transport=sse HTTP/1.1\r\nHost: x\r\n\r\n";
const UPGRADE = "GET /x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
const SWITCH = "HTTP/1.1 101 Switching Protocols\r\n\r\n";

test("[F1] what nothing happens to goes through both ways, with its end", async () => {
  const { up, down } = await link();
  up.send("hello");
  await down.heard("hello");
  down.send("good day");
  await up.heard("good day");
  up.end();
  expect(await down.over()).toBe("fin");
  down.end();
  expect(await up.over()).toBe("fin");
  await expect.poll(() => proxy.links).toEqual([]);
});

test.each(["up", "down"] as const)(
  "[F1] a cut at every byte, %s: so much arrives, then both ends learn",
  async (way) => {
    const text = `POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET`;
    for (const how of ["reset", "fin"] as const satisfies readonly Cut[]) {
      for (let at = 0; at <= text.length; at++) {
        const pair = await link();
        const [from, to] = sides(way, pair);
        const done = proxy.cutAfter(at, way, how);
        for (const letter of text) from.send(letter);
        await done;
        expect(await from.over(), `${at} ${how}`).toBe(how);
        // Node reads a reset right behind bytes as an end.
        expect(await to.over()).toBeOneOf(["fin", how]);
        expect(to.text).toBe(text.slice(0, at));
      }
    }
  },
);

test("[F1] bytes are counted over all links, and all of them end", async () => {
  const [one, two] = [await link(), await link()];
  const done = proxy.cutAfter(6);
  one.down.send("abc");
  await one.up.heard("abc");
  two.down.send("defghi");
  await done;
  expect([await one.up.over(), await two.down.over()]).toEqual(["reset", "reset"]);
  expect(two.up.text).toBe("def");
  const { up, down } = await link();
  down.send("x".repeat(100));
  await up.heard("x".repeat(100));
});

test("[F2] a frozen network: neither end hears anything, not of an end either; healed, all of it comes, in order", async () => {
  const { up, down } = await link();
  up.send("a");
  await down.heard("a");
  proxy.freeze();
  up.send("b");
  down.send("1");
  const refused = await dial(proxy.port);
  ends.push(refused);
  // A link beside it shows that what was sent would have come by now.
  proxy.thaw();
  const beside = await link();
  beside.up.send("x");
  await beside.down.heard("x");
  expect([down.text, up.text, refused.ended]).toEqual(["a", "", undefined]);
  up.send("c");
  up.end();
  proxy.heal();
  await down.heard("abc");
  await up.heard("1");
  expect(await down.over()).toBe("fin");
});

test.each(["up", "down"] as const)("[F2] one direction alone is frozen: %s", async (way) => {
  const pair = await link();
  const [from, to] = sides(way, pair);
  const [only] = proxy.links;
  only?.freeze(way);
  from.send("lost");
  to.send("heard");
  await from.heard("heard");
  expect(to.text).toBe("");
  only?.heal(way);
  await to.heard("lost");
});

test("[F2] new links are refused for a while", async () => {
  proxy.refuse();
  const refused = await dial(proxy.port);
  expect(await refused.over()).toBe("reset");
  proxy.thaw();
  const { up, down } = await link();
  up.send("a");
  await down.heard("a");
  expect(proxy.attempts).toBe(2);
});

test("[F3] late bytes: what a client sent into a dead link comes when a new one stands, and its end behind it", async () => {
  const old = await link();
  const [abandoned] = proxy.links;
  old.up.send("1");
  await old.down.heard("1");
  proxy.freeze();
  old.up.send("2");
  old.up.destroy();
  proxy.thaw();
  const fresh = await link();
  fresh.up.send("3");
  await fresh.down.heard("3");
  expect([old.down.text, old.down.ended]).toEqual(["1", undefined]);
  abandoned?.deliverLate();
  await old.down.heard("12");
  expect(await old.down.over()).toBe("fin");
  expect(fresh.down.ended).toBe(undefined);
});

test.each(["up", "down"] as const)("[F4] a delay, %s: constant, in order, one way", async (way) => {
  const pair = await link();
  const [from, to] = sides(way, pair);
  proxy.delay(60, way);
  const began = performance.now();
  for (const letter of "abcdefgh") from.send(letter);
  to.send("!");
  await from.heard("!");
  const there = performance.now() - began;
  expect(to.text).toBe("");
  await to.heard("abcdefgh");
  const back = performance.now() - began;
  expect(back).toBeGreaterThanOrEqual(59);
  expect(there).toBeLessThan(back);
});

test("[F5] a proxy that buffers until it has so many bytes, for the answers that it picks", async () => {
  proxy.buffer({ bytes: 60, only: ({ url }) => url.includes("transport=sse") });
  const [picked, other] = [await link(), await link()];
  const head = "HTTP/1.1 200 OK\r\n\r\n";
  picked.up.send(GET);
  other.up.send(GET.replace("sse", "polling"));
  await picked.down.heard(GET);
  await other.down.heard(GET.replace("sse", "polling"));
  picked.down.send(head);
  other.down.send(head);
  await other.up.heard(head);
  expect(picked.up.text).toBe("");
  picked.down.send("x".repeat(60 - head.length));
  await picked.up.heard(head + "x".repeat(60 - head.length));
});

test("[F5] a proxy that buffers to the end of an answer: by length, last chunk, or connection", async () => {
  proxy.buffer({ bytes: Infinity, only: () => true });
  const { up, down } = await link();
  const answers = [
    ["HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na", "bc"],
    ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n", "0\r\n\r\n"],
    ["HTTP/1.1 200 OK\r\n\r\nabc", ""],
  ] as const;
  let [asked, heard] = ["", ""];
  for (const [first, last] of answers) {
    up.send(GET);
    await down.heard((asked += GET));
    const beside = await link();
    down.send(first);
    beside.down.send("x");
    beside.down.end();
    await beside.up.heard("x");
    expect(up.text).toBe(heard);
    if (last === "") down.end();
    else down.send(last);
    await up.heard((heard += first + last));
  }
});

test.each([403, 400] as const)(
  "[F6] requests for WebSockets are refused with %i, others are not",
  async (status) => {
    proxy.upgrades(status);
    const refused = await link();
    refused.up.send(UPGRADE);
    expect(await refused.up.over()).toBe("fin");
    expect(refused.up.text).toMatch(`HTTP/1.1 ${status} `);
    expect(refused.down.text).toBe("");
    const { up, down } = await link();
    up.send(GET);
    await down.heard(GET);
  },
);

test("[F6] requests for WebSockets are swallowed", async () => {
  proxy.upgrades("swallow" satisfies UpgradePolicy);
  const { up, down } = await link();
  up.send(GET + UPGRADE);
  await down.heard(GET);
  const beside = await link();
  beside.up.send(GET);
  await beside.down.heard(GET);
  expect([down.text, up.text, up.ended]).toEqual([GET, "", undefined]);
});

test("[F6] WebSockets are cut right behind the 101", async () => {
  proxy.upgrades("cut");
  const { up, down } = await link();
  up.send(UPGRADE);
  await down.heard(UPGRADE);
  down.send(SWITCH.slice(0, -3));
  await up.heard(SWITCH.slice(0, -3));
  down.send(`${SWITCH.slice(-3)}frame`);
  expect([await down.over(), (await up.over()) && up.text]).toEqual(["reset", SWITCH]);
});

test("[F7] a script gives each link its own fate, before anything goes through it", async () => {
  const bytes = [3, 0, 5];
  proxy.onLink = (each) => each.cutAfter(bytes[each.number - 1] ?? Infinity, "up");
  for (const count of bytes) {
    const { up, down } = await link();
    up.send(GET);
    await down.over();
    expect(down.text).toBe(GET.slice(0, count));
  }
  const { up, down } = await link();
  up.send(GET);
  await down.heard(GET);
  const [only] = proxy.links;
  expect([only?.number, only?.request?.url, only?.up.passed]).toEqual([4, "/x?transport=sse", GET.length]);
});
