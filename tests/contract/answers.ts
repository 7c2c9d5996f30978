import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "@bowline/server";
import {
  call,
  type HttpAnswer,
  type HttpCall,
  type HostUnderTest,
  RawClient,
  upgradeRequest,
} from "@bowline/server/testing";
import { Server as StockServer } from "socket.io";
import { expect, test } from "vitest";

/** What was answered, without what differs from session to session. */
type Answer = readonly [status: number | string, contentType: string | undefined, body: string];

const LIMIT = 1000;
const OPTIONS = { maxHttpBufferSize: LIMIT };
const NOBODY = "x".repeat(20);

const QUERIES = [
  "",
  "EIO=4",
  "EIO=4&transport=carrier",
  "EIO=4&transport=constructor",
  "EIO=4&transport=webtransport",
  "EIO=4&transport=websocket",
  "transport=polling",
  "EIO=3&transport=polling",
  "EIO=5&transport=polling",
  "EIO=4&transport=polling&sid=",
  `EIO=4&transport=polling&sid=${NOBODY}`,
  "EIO=4&transport=polling&sid=__proto__",
  `EIO=4&transport=websocket&sid=${NOBODY}`,
];

/** A WebSocket that names polling: Engine.IO opens it and drops it. */
const NAMES_POLLING = /^upgrade .*transport=polling(&sid=)?$/;
/** A WebSocket of the third revision: Engine.IO accepts it and then writes an HTTP answer into it. */
const THIRD_REVISION = "upgrade EIO=3&transport=websocket";

/** Every request that a client can get wrong, and some that it gets right, are answered as Engine.IO answers them. */
export function answersTest(host: HostUnderTest): void {
  test(`[E7] ${host.name}: the answers are Engine.IO's, byte for byte`, async () => {
    // Without the one thing that our open packet has beside (SPEC U1).
    const io = new Server({ ...OPTIONS, resumption: false });
    const ours = await probe(await host.listen((attached) => io.attach(attached)));
    await io.close();
    const stock = await listenStock();
    const theirs = await probe(stock.port);
    await stock.close();
    const refused = [...ours.keys()].filter((name) => NAMES_POLLING.test(name) || name === THIRD_REVISION);
    expect(refused).toHaveLength(5);
    for (const name of refused) {
      expect(ours.get(name)?.[0], name).toBe("HTTP/1.1 400 Bad Request");
      ours.delete(name);
      theirs.delete(name);
    }
    expect([...ours]).toEqual([...theirs]);
  });
}

async function listenStock(): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer();
  const io = new StockServer(server, OPTIONS);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, close: () => io.close() };
}

async function probe(port: number): Promise<Map<string, Answer>> {
  const answers = new Map<string, Answer>();
  for (const query of QUERIES) {
    for (const method of ["GET", "POST", "OPTIONS", "PUT"]) {
      answers.set(`${method} ${query}`, simplify(await call(port, { method, path: `/socket.io/?${query}` })));
    }
    answers.set(`upgrade ${query}`, await upgrade(port, query));
  }
  answers.set(THIRD_REVISION, await upgrade(port, "EIO=3&transport=websocket"));
  answers.set("handshake", simplify(await call(port, { path: "/socket.io/?EIO=4&transport=polling" })));
  for (const [name, answer] of await probeSession(port)) answers.set(name, answer);
  return answers;
}

async function probeSession(port: number): Promise<[string, Answer][]> {
  const answers: [string, Answer][] = [];
  const open = async (): Promise<string> => {
    const { body } = await call(port, { path: "/socket.io/?EIO=4&transport=polling" });
    return `/socket.io/?EIO=4&transport=polling&sid=${/"sid":"([^"]+)/.exec(body.toString())?.[1]}`;
  };
  const ask = async (name: string, wanted: HttpCall): Promise<unknown> =>
    answers.push([name, simplify(await call(port, wanted))]);

  const path = await open();
  await ask("connect", { method: "POST", path, body: "40" });
  await ask("poll", { path });
  await ask("another method", { method: "PUT", path });
  await ask("too large", { method: "POST", path, body: `4${"x".repeat(LIMIT * 2)}` });
  await ask("binary", {
    method: "POST",
    path,
    body: "4",
    headers: { "Content-Type": "application/octet-stream" },
  });
  await ask("after the end", { path });

  await ask("another revision", { path: (await open()).replace("EIO=4", "EIO=3") });
  await ask("another transport", { path: (await open()).replace("polling", "websocket") });

  const overlapping = await open();
  const first = call(port, { path: overlapping });
  await new Promise((resolve) => setTimeout(resolve, 30));
  await ask("a second poll", { path: overlapping });
  answers.push(["the first poll", simplify(await first)]);

  const leaving = await open();
  const waiting = call(port, { path: leaving });
  await new Promise((resolve) => setTimeout(resolve, 30));
  await ask("close", { method: "POST", path: leaving, body: "1" });
  answers.push(["the poll at the close", simplify(await waiting)]);
  return answers;
}

async function upgrade(port: number, query: string): Promise<Answer> {
  const client = new RawClient(port);
  client.write(upgradeRequest(`/socket.io/?${query}`));
  // Engine.IO leaves some of these open.
  const enough = new Promise((resolve) => setTimeout(resolve, 600));
  await Promise.race([client.closed, client.until('"maxPayload"'), enough]);
  client.reset();
  const [head = "", ...rest] = client.received.toString("latin1").split("\r\n\r\n");
  const contentType = /content-type: (.*)/i.exec(head)?.[1]?.trim();
  return [head.split("\r\n", 1)[0] ?? "", contentType, withoutIds(rest.join("\r\n\r\n"))];
}

function simplify({ status, headers, body }: HttpAnswer): Answer {
  const types = [headers["content-type"], headers["cache-control"]].filter((value) => value !== undefined);
  return [status, types.join("; "), withoutIds(body.toString("utf8"))];
}

function withoutIds(text: string): string {
  return text.replace(/"sid":"[\w-]{20}"/, '"sid":"…"');
}
