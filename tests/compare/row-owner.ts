import { once } from "node:events";
import { WebSocket } from "ws";
import { type Bench, type Client, next, withRecovery } from "./column.ts";
import { onBench, type Row, type Seen } from "./row.ts";

const alive = (live: number): string => `${live} live connection${live === 1 ? "" : "s"}`;

/** The session that Socket.IO's recovery knows, named by two clients at once. */
async function sessionTwice(bench: Bench): Promise<Seen> {
  const { client, socket } = await bench.enter({ transports: ["websocket"], reconnection: false });
  const first = next(client, "first");
  bench.io.emit("first", "");
  await first;
  const { _pid: pid, _lastOffset: offset } = client as unknown as Record<string, string>;
  const gone = next(socket, "disconnect");
  bench.proxy.cut();
  await gone;
  bench.io.on("connection", (one) => one.on("alive", (answer: () => void) => answer()));
  const reasons: string[] = [];
  const enter = async (): Promise<Client> => {
    const one = bench.client({ transports: ["websocket"], auth: { pid, offset }, reconnection: false });
    one.on("disconnect", (reason) => reasons.push(reason));
    await next(one, "connect");
    return one;
  };
  const both = [await enter(), await enter()];
  const [one, other] = both.map(({ id }) => id);
  const answers = await Promise.allSettled(
    both.map(async (each) => each.timeout(1_000).emitWithAck("alive") as Promise<unknown>),
  );
  const live = answers.filter(({ status }) => status === "fulfilled").length;
  const told = reasons.length > 0 ? `; the other: ${reasons.join()}` : "";
  return {
    text: `${alive(live)}${live > 1 && one === other ? " with one id" : ""}${told}`,
    isGood: live === 1 && reasons.length === 1 && both[1]?.connected === true,
  };
}

/** A client by hand: it can say of itself what no client of ours would. */
class Claimant {
  /** With which code its link was closed. */
  code: number | undefined;
  readonly #socket: WebSocket;
  readonly #frames: string[] = [];

  constructor(url: string) {
    this.#socket = new WebSocket(`${url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
    this.#socket.on("message", (frame: Buffer) => this.#frames.push(frame.toString()));
    this.#socket.on("close", (code) => (this.code = code));
  }

  /** Sends CONNECT when it may; the answer, or nothing if the link is closed for it. */
  async claim(key: string, attempt: number): Promise<string | undefined> {
    await this.#next((frame) => frame.startsWith("0"));
    this.#socket.send(`40${JSON.stringify({ $x: { rs: { k: key, a: attempt } } })}`);
    return this.#next((frame) => frame.startsWith("40"));
  }

  async isAlive(): Promise<boolean> {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send('421["alive"]');
    return (await this.#next((frame) => frame.startsWith("431"))) !== undefined;
  }

  async #next(fits: (frame: string) => boolean): Promise<string | undefined> {
    for (;;) {
      const frame = this.#frames.find(fits);
      if (frame !== undefined || this.#socket.readyState === WebSocket.CLOSED) return frame;
      await Promise.race([once(this.#socket, "message"), once(this.#socket, "close")]);
    }
  }
}

/** The key of our resumption, named by two clients; and by a third that says an attempt that there was. */
async function keyTwice(bench: Bench): Promise<Seen> {
  bench.io.on("connection", (one) => one.on("alive", (answer: () => void) => answer()));
  const key = "a-key-that-was-overheard";
  const claimants: Claimant[] = [];
  for (const attempt of [1, 2, 2]) {
    const claimant = new Claimant(bench.proxy.url);
    claimants.push(claimant);
    await claimant.claim(key, attempt);
  }
  const answers: boolean[] = [];
  for (const claimant of claimants) answers.push(await claimant.isAlive());
  const [first, , third] = claimants;
  const live = answers.filter(Boolean).length;
  const sockets = bench.io.sockets.sockets.size;
  return {
    text: `${alive(live)}, ${sockets} socket on the server; the earlier: closed (${first?.code}); one that comes late: closed (${third?.code})`,
    isGood: answers.join() === "false,true,false" && sockets === 1,
  };
}

export const OWNER_ROW: Row = {
  id: "X7",
  situation: "the same private session id presented by two clients",
  expected: "one owner; the earlier is closed with a reason",
  judged: ["mixed", "ours"],
  look: (column, scale) =>
    onBench(withRecovery, column.kind === "ours" ? keyTwice : sessionTwice)(column, scale),
};
