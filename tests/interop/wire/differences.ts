import { openWebSocket, PollingSession, type Script } from "../wire-scripts.ts";

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

export const differences: readonly Difference[] = [malformed, closeCodes];
