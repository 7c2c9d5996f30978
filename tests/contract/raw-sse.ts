import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import { WebSocket } from "ws";

/** An engine packet as it came: text with its digit, or the bytes of a message. */
export type RawPacket = string | Buffer;

const SEPARATOR = "\x1e";
const PATH = "/socket.io/?EIO=4&transport=";

/**
 * A client of the server-sent events transport that does as SPEC V1 to V12 says and nothing by itself, save that it asks
 * for the next stream when one was ended with `end`. Reads the format as the HTML standard has it, with no code of ours.
 */
export class RawSse {
  readonly packets: RawPacket[] = [];
  /** How many packets each event held. */
  readonly events: number[] = [];
  /** Streams that were asked for. */
  gets = 0;
  /** Status of the last of them. */
  status = 0;
  headers: IncomingMessage["headers"] = {};
  /** How the last stream ended: as the server said, or cut. */
  readonly over: Promise<"ended" | "cut">;
  /** Of the WebSocket that took over. */
  socket: WebSocket | undefined;
  sid = "";
  /** The number of the last POST. */
  seq = 0;
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true });
  /** What came over the WebSocket before the stream had ended. */
  readonly #heldBack: RawPacket[] = [];
  #get: ClientRequest | undefined;
  #response: IncomingMessage | undefined;
  #isStreamOver = false;
  #resolveOver: (how: "ended" | "cut") => void = () => {};
  #waiting: { readonly until: () => boolean; readonly resolve: () => void }[] = [];

  constructor(port: number) {
    this.#port = port;
    this.over = new Promise((resolve) => (this.#resolveOver = resolve));
  }

  /** Settles when the open packet is there. */
  static async open(port: number): Promise<RawSse> {
    const client = new RawSse(port);
    client.#ask(`${PATH}sse`);
    await client.when(() => client.packets.length > 0);
    const first = String(client.packets[0]);
    client.sid = (JSON.parse(first.slice(1)) as { sid: string }).sid;
    return client;
  }

  /** Messages that came, without their digit. */
  get messages(): RawPacket[] {
    return this.packets
      .filter((packet) => typeof packet !== "string" || packet.startsWith("4"))
      .map((packet) => (typeof packet === "string" ? packet.slice(1) : packet));
  }

  when(until: () => boolean): Promise<void> {
    if (until()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ until, resolve }));
  }

  /** The status; 0 when the answer did not come. A body is packets, bytes as base64. */
  post(packets: readonly RawPacket[], seq: number | string = ++this.seq): Promise<number> {
    const body = packets.map((packet) =>
      typeof packet === "string" ? packet : `b${packet.toString("base64")}`,
    );
    return this.#send(`${PATH}sse&sid=${this.sid}&seq=${seq}`, body.join(SEPARATOR), this.#agent);
  }

  /** The same, and the link is cut: where the answer begins, or in the midst of the body. */
  async postAndLose(packets: readonly string[], where: "body" | "answer"): Promise<void> {
    const path = `${PATH}sse&sid=${this.sid}&seq=${this.seq + 1}`;
    const body = packets.join(SEPARATOR);
    await new Promise<void>((resolve) => {
      const headers = { "content-length": String(Buffer.byteLength(body)) };
      const sent = request({
        host: "127.0.0.1",
        port: this.#port,
        method: "POST",
        path,
        headers,
        agent: false,
      });
      sent.on("error", () => {});
      sent.once("close", resolve);
      sent.once("response", () => sent.destroy());
      if (where === "answer") return sent.end(body);
      sent.write(body.slice(0, -1), () => sent.destroy());
    });
  }

  pause(): void {
    this.#response?.pause();
  }

  resume(): void {
    this.#response?.resume();
  }

  /** Breaks the stream off. */
  cut(): void {
    this.#get?.destroy();
  }

  close(): void {
    this.cut();
    this.socket?.terminate();
    this.#agent.destroy();
  }

  /** Moves up. The POSTs before it have been answered. */
  async upgrade(): Promise<void> {
    const socket = new WebSocket(`ws://127.0.0.1:${this.#port}${PATH}websocket&sid=${this.sid}`);
    const probed = new Promise<void>((resolve, reject) => {
      socket.on("error", reject);
      socket.once("open", () => socket.send("2probe"));
      socket.on("message", (data: Buffer, isBinary) => {
        const packet = isBinary ? data : data.toString("utf8");
        if (packet === "3probe") return resolve();
        if (!this.#isStreamOver) return void this.#heldBack.push(packet);
        this.#take(packet);
        this.#changed();
      });
    });
    await probed;
    socket.send("5");
    this.socket = socket;
  }

  #ask(path: string): void {
    this.gets++;
    const headers = { accept: "text/event-stream" };
    const sent = request({ host: "127.0.0.1", port: this.#port, path, headers, agent: this.#agent });
    this.#get = sent;
    sent.on("error", () => this.#streamOver("cut"));
    sent.once("response", (response) => {
      this.#response = response;
      this.status = response.statusCode ?? 0;
      this.headers = response.headers;
      const reader = new EventReader((name, data) => this.#event(name, data));
      let isEnded = false;
      response.setEncoding("utf8");
      response.on("data", (text: string) => {
        isEnded = reader.read(text) || isEnded;
        this.#changed();
      });
      response.on("error", () => {});
      response.once("close", () => {
        const isWhole = isEnded && response.complete;
        // After a switch the last packet is a noop, and nothing goes on.
        if (isWhole && this.socket === undefined)
          this.#ask(`${PATH}sse&sid=${this.sid}&from=${this.packets.length}`);
        else this.#streamOver(isWhole ? "ended" : "cut");
      });
    });
    sent.end();
  }

  #streamOver(how: "ended" | "cut"): void {
    this.#isStreamOver = true;
    for (const packet of this.#heldBack.splice(0)) this.#take(packet);
    this.#resolveOver(how);
    this.#changed();
  }

  #event(name: string, data: readonly string[]): void {
    if (name === "end") return;
    this.events.push(data.length);
    for (const line of data) this.#take(decode(line));
  }

  #take(packet: RawPacket): void {
    this.packets.push(packet);
  }

  #send(path: string, body: string, agent: Agent): Promise<number> {
    return new Promise((resolve) => {
      const options = { host: "127.0.0.1", port: this.#port, method: "POST", path, agent };
      const sent = request(options, (response) => {
        response.resume().once("close", () => resolve(response.statusCode ?? 0));
      });
      sent.on("error", () => resolve(0));
      sent.end(body);
    });
  }

  #changed(): void {
    for (const waiter of this.#waiting) if (waiter.until()) waiter.resolve();
    this.#waiting = this.#waiting.filter(({ until }) => !until());
  }
}

function decode(line: string): RawPacket {
  if (line.startsWith("j")) return JSON.parse(line.slice(1)) as string;
  return line.startsWith("b") ? Buffer.from(line.slice(1), "base64") : line;
}

/** "Interpreting an event stream" of the HTML standard, but that data lines are not joined. */
class EventReader {
  readonly #event: (name: string, data: readonly string[]) => void;
  #rest = "";
  #name = "";
  #data: string[] = [];

  constructor(event: (name: string, data: readonly string[]) => void) {
    this.#event = event;
  }

  /** Whether an event `end` was among it. */
  read(text: string): boolean {
    let isEnded = false;
    const lines = (this.#rest + text).split(/\r\n|\n|\r/);
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") {
        if (this.#name !== "" || this.#data.length > 0) this.#event(this.#name, this.#data);
        isEnded ||= this.#name === "end";
        this.#name = "";
        this.#data = [];
        continue;
      }
      const colon = line.indexOf(":");
      if (colon === 0) continue;
      const field = colon === -1 ? line : line.slice(0, colon);
      const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "event") this.#name = value;
      else if (field === "data") this.#data.push(value);
    }
    return isEnded;
  }
}
