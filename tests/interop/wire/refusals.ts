import { ask } from "../raw-peer.ts";
import { openWebSocket, PollingSession, type Script, seen, upgradeHeaders } from "../wire-scripts.ts";

const PATH = "/socket.io/";
const LIMIT = 1_000;

/** An event of so many bytes on the wire. */
function eventOf(bytes: number): string {
  const frame = (text: string): string => `42["echo","${text}"]`;
  return frame("x".repeat(bytes - frame("").length));
}

const REQUESTS: readonly (readonly [name: string, query: string, method?: string])[] = [
  ["0: no query", ""],
  ["0: no transport", "?EIO=4"],
  ["0: a transport that is none", "?EIO=4&transport=tube"],
  ["0: a name of Object.prototype", "?EIO=4&transport=constructor"],
  ["0: webtransport", "?EIO=4&transport=webtransport"],
  ["1: a session that is none", "?EIO=4&transport=polling&sid=nobody"],
  ["1: a name of Object.prototype", "?EIO=4&transport=polling&sid=__proto__"],
  ["1: a POST to a session that is none", "?EIO=4&transport=polling&sid=nobody", "POST"],
  ["2: a handshake by POST", "?EIO=4&transport=polling", "POST"],
  ["2: a handshake by PUT", "?EIO=4&transport=polling", "PUT"],
  ["2: a handshake by OPTIONS", "?EIO=4&transport=polling", "OPTIONS"],
  ["3: a WebSocket without an upgrade", "?EIO=4&transport=websocket"],
  ["5: revision 3", "?EIO=3&transport=polling"],
  ["5: no revision", "?transport=polling"],
];

/** Code 4 is not here: ours have no `allowRequest` yet. */
const overHttp: Script = {
  name: "the refusals of a request, codes 0 to 3 and 5",
  async run({ port }) {
    const lines: unknown[] = [];
    for (const [name, query, method = "GET"] of REQUESTS) {
      const body = method === "POST" ? { body: "40" } : {};
      lines.push([name, seen(await ask(port, PATH + query, { method, ...body }))]);
    }
    return lines;
  },
};

/** Code 5 is not here: the stock server accepts such an upgrade and then writes an HTTP answer into the WebSocket. */
const overUpgrade: Script = {
  name: "the refusals of an upgrade, codes 0 to 3",
  async run({ port }) {
    const lines: unknown[] = [];
    for (const [name, query] of [
      ["0: no transport", "?EIO=4"],
      ["0: a transport that is none", "?EIO=4&transport=tube"],
      ["1: a session that is none", "?EIO=4&transport=websocket&sid=nobody"],
    ] as const) {
      lines.push([name, seen(await ask(port, PATH + query, { headers: upgradeHeaders() }))]);
    }
    const session = await PollingSession.open(port);
    const otherRevision = `?EIO=3&transport=websocket&sid=${session.sid}`;
    lines.push(["3: revision", seen(await ask(port, PATH + otherRevision, { headers: upgradeHeaders() }))]);
    return lines;
  },
};

const accepted: Script = {
  name: "an upgrade that is accepted offers no extension and no protocol",
  async run({ port }) {
    const offer = upgradeHeaders({
      "sec-websocket-extensions": "permessage-deflate; client_max_window_bits",
    });
    const { status, headers } = await ask(port, `${PATH}?EIO=4&transport=websocket`, { headers: offer });
    const { upgrade, "sec-websocket-accept": accept, "sec-websocket-extensions": extensions } = headers;
    return [status, upgrade, accept, extensions, headers["sec-websocket-protocol"]];
  },
};

const mismatch: Script = {
  name: "a session answers to its own transport and revision only",
  async run({ port }) {
    const session = await PollingSession.open(port);
    const lines: unknown[] = [];
    for (const query of [
      `?EIO=3&transport=polling&sid=${session.sid}`,
      `?EIO=4&transport=websocket&sid=${session.sid}`,
    ]) {
      lines.push(seen(await ask(port, PATH + query)));
    }
    lines.push(await session.say("40", 1));
    return lines;
  },
};

const tooLarge: Script = {
  name: "a body over the limit is refused with 413, one of the limit is taken, and the session goes on",
  server: { maxHttpBufferSize: LIMIT },
  async run({ port }) {
    const session = await PollingSession.open(port);
    await session.say("40", 1);
    const lines: unknown[] = [seen(await session.post(eventOf(LIMIT)))];
    lines.push(seen(await session.get()), seen(await session.post(eventOf(LIMIT + 1))));
    lines.push(await session.say('42["echo","after"]', 1));
    return lines;
  },
};

const overlappingPolls: Script = {
  name: "a poll while another waits is refused with 400 and ends the session",
  async run({ port }) {
    const session = await PollingSession.open(port);
    await session.say("40", 1);
    const waiting = session.get();
    // The first is there before the second is sent: what is asked later on another connection has its answer.
    await ask(port, `${PATH}?EIO=4&transport=polling&sid=nobody`);
    const second = seen(await session.get());
    return [second, seen(await waiting), seen(await session.get())];
  },
};

const overlappingPosts: Script = {
  name: "a POST while another arrives is refused with 400 and ends the session",
  async run({ port }) {
    const session = await PollingSession.open(port);
    const drop = await session.postHalf();
    const lines = [seen(await session.post("40")), seen(await session.get())];
    drop();
    return lines;
  },
};

const octets: Script = {
  name: "a body of octets is refused with 400 and ends the session",
  async run({ port }) {
    const session = await PollingSession.open(port);
    const lines = [seen(await session.post("40", { "content-type": "application/octet-stream" }))];
    return [...lines, seen(await session.get())];
  },
};

const noPackets: Script = {
  name: "a body that holds no packet ends the session",
  async run({ port }) {
    const lines: unknown[] = [];
    for (const body of ["", "\x1e", "x", "9"]) {
      const session = await PollingSession.open(port);
      await session.post(body); // what it is answered: differences.ts
      lines.push([JSON.stringify(body), seen(await session.get())]);
    }
    return lines;
  },
};

const overWebSocket: Script = {
  name: "a WebSocket frame over the limit",
  server: { maxHttpBufferSize: LIMIT },
  async run(server) {
    const socket = await openWebSocket(server);
    socket.send("40");
    await socket.next();
    await socket.next();
    socket.send(eventOf(LIMIT));
    const lines: unknown[] = [String(await socket.next()).length];
    socket.send(eventOf(LIMIT + 1));
    await socket.closed; // 1009 on node, 1006 on uWS
    return lines;
  },
};

export const refusalScripts: readonly Script[] = [
  overHttp,
  overUpgrade,
  accepted,
  mismatch,
  tooLarge,
  overlappingPolls,
  overlappingPosts,
  octets,
  noPackets,
  overWebSocket,
];
