import type { ServerResponse } from "node:http";
import { ask } from "../raw-peer.ts";
import type { ServerOptions } from "../surface.ts";
import { openWebSocket, PollingSession, type Script, upgradeHeaders } from "../wire-scripts.ts";

/** Where ours answer otherwise, on purpose: nothing but a broken peer can see it. */
export interface Difference extends Script {
  readonly why: string;
  readonly stock: readonly unknown[];
  readonly ours: readonly unknown[];
}

const malformed: Difference = {
  name: "the answer to a body that is no payload",
  why: "the peer should learn that nothing of it was taken",
  stock: [200, 200, 200],
  ours: [400, 400, 400],
  async run({ port }) {
    const lines: unknown[] = [];
    for (const body of ["", "x", "4\x1e"]) {
      const session = await PollingSession.open(port);
      lines.push((await session.post(body)).status);
    }
    return lines;
  },
};

const closeCodes: Difference = {
  name: "the code with which a WebSocket is closed: at disconnect(true), and after what is no packet",
  why: "a code tells more than none; no client acts on it",
  stock: [1005, 1005],
  ours: [1000, 1008],
  async run(server) {
    const lines: unknown[] = [];
    for (const packet of ['42["end"]', "xyz"]) {
      const socket = await openWebSocket(server);
      socket.send("40");
      socket.send(packet);
      lines.push(await socket.closed);
    }
    return lines;
  },
};

const compressesAll: Difference = {
  name: "httpCompression: true, for a body of 10 bytes",
  why: "it is the default, whose threshold Socket.IO forgets when it is written out",
  server: { httpCompression: true } as ServerOptions,
  stock: ["gzip"],
  ours: [undefined],
  async run({ port }) {
    const { sid } = await PollingSession.open(port);
    const path = `/socket.io/?EIO=4&transport=polling&sid=${sid}`;
    await ask(port, path, { method: "POST", body: "40" });
    const { headers } = await ask(port, path, { headers: { "accept-encoding": "gzip" } });
    return [headers["content-encoding"]];
  },
};

const failedId: Difference = {
  name: "an id that cannot be made, for a WebSocket",
  why: "Socket.IO has opened it by then, and writes an HTTP answer into it",
  stock: [101],
  ours: [400],
  async run({ port, io }) {
    (io as unknown as { engine: { generateId: unknown } }).engine.generateId = () =>
      Promise.reject(new Error("no"));
    const path = "/socket.io/?EIO=4&transport=websocket";
    return [(await ask(port, path, { headers: upgradeHeaders() })).status];
  },
};

const answeredUpgrade: Difference = {
  name: "an upgrade that a middleware answers",
  why: "the peer should get the answer; Socket.IO cuts the connection",
  stock: ["cut"],
  ours: [418],
  async run({ port, io }) {
    type Engine = { use(middleware: (request: unknown, response: ServerResponse) => unknown): unknown };
    (io as unknown as { engine: Engine }).engine.use((_request, response) => {
      response.statusCode = 418;
      response.end("no");
    });
    const path = "/socket.io/?EIO=4&transport=websocket";
    return [
      await ask(port, path, { headers: upgradeHeaders() }).then(
        ({ status }) => status,
        () => "cut",
      ),
    ];
  },
};

export const differences: readonly Difference[] = [
  malformed,
  closeCodes,
  compressesAll,
  failedId,
  answeredUpgrade,
];
