import type { Frame } from "@bowline/protocol";
import { EngineWorld, type RecordedSession, settle, sse } from "./engine-world.ts";
import type { MemoryPeer } from "./memory-host.ts";
import type { MemoryStream } from "./memory-stream.ts";
import { seeded } from "./seeded.ts";
import { TestRequest } from "./test-request.ts";

const SETTINGS = { sse: { maxAgeMs: 50, maxBytes: 3000 } };
const TEXTS = ["a", "", "line\nend", "\r\n", "j", "b", "\u{1f600}\u2028", "x".repeat(700)];

/** What became of a POST from where the client stands. */
interface Post {
  readonly seq: number;
  readonly body: string;
  isAnswered: boolean;
}

/**
 * One session over server-sent events with a client that does everything right on a network that does everything wrong:
 * streams are read late and in parts, POSTs and their answers are lost, arrive late and twice, GETs that go on are lost,
 * upgrades fail and succeed. Throws where something is lost, doubled, reordered or made up, or a session ends that need not.
 */
export class SseModel {
  readonly #random: () => number;
  readonly #world = new EngineWorld(SETTINGS);
  /** What was said at either end, as text; bytes in hexadecimal. */
  readonly #down: string[] = [];
  readonly #up: string[] = [];
  readonly #got: string[] = [];
  #recorded: RecordedSession | undefined;
  #stream: MemoryStream | undefined;
  #unread = "";
  #packets = 0;
  #seq = 0;
  #post: Post | undefined;
  readonly #late: TestRequest[] = [];
  #peer: MemoryPeer | undefined;
  #isUp = false;
  /** From here on the session is over, and why is known. */
  #isLost = false;
  rotations = 0;
  repeats = 0;
  upgrades = 0;
  losses = 0;

  constructor(seed: number) {
    this.#random = seeded(seed);
  }

  async run(steps: number): Promise<void> {
    const { stream, ...recorded } = await this.#world.openSse();
    this.#stream = stream;
    this.#packets = 1;
    this.#recorded = recorded;
    for (let step = 0; step < steps && !this.#isLost; step++) {
      await this.#step();
      this.#check();
    }
    if (!this.#isLost) await this.#calm();
    this.#check();
  }

  get #session(): RecordedSession {
    if (!this.#recorded) throw new Error("not begun");
    return this.#recorded;
  }

  #chance(part: number): boolean {
    return this.#random() < part;
  }

  async #step(): Promise<void> {
    const dice = this.#random();
    if (dice < 0.3) this.#say();
    else if (dice < 0.5) await this.#sendUp();
    else if (dice < 0.6) await this.#world.clock.advance(Math.floor(this.#random() * 40));
    else if (dice < 0.9) await this.#read(this.#chance(0.5) ? 1 : this.#random());
    else if (dice < 0.96) await this.#moveUp();
    else if (dice < 0.98) await settle();
    else if (dice < 0.99) this.#late.splice(0).forEach((request) => this.#arrive(request));
    else await this.#lose();
  }

  #say(): void {
    const isBinary = this.#chance(0.2);
    const text = TEXTS[Math.floor(this.#random() * TEXTS.length)] ?? "";
    const number = `${this.#down.length}:`;
    const data: Frame = isBinary ? Buffer.from(number + text) : number + text;
    this.#down.push(asText(data));
    this.#session.session.sendPacket({ type: "message", data });
  }

  /** One POST at a time, and again until it is answered. */
  async #sendUp(): Promise<void> {
    const text = `4up ${this.#up.length}`;
    if (this.#isUp) {
      this.#up.push(text.slice(1));
      this.#peer?.receive(text);
      return;
    }
    if (this.#post?.isAnswered !== false) {
      this.#up.push(text.slice(1));
      this.#post = { seq: ++this.#seq, body: text, isAnswered: false };
    } else this.repeats++;
    await this.#ask(this.#post);
  }

  async #ask(post: Post): Promise<void> {
    const query = `${sse(this.#session.session.id)}&seq=${post.seq}`;
    const request = new TestRequest({ method: "POST", query });
    const answer = this.#world.engine.request(request);
    const fate = this.#random();
    if (fate < 0.2) return request.abort();
    // On its way for longer than the client has patience.
    if (fate < 0.35 && this.#late.length < 3) {
      bodies.set(request, post.body);
      return void this.#late.push(request);
    }
    request.finish(post.body);
    const { status } = await answer;
    if (status !== 200 && status !== 503) throw new Error(`POST ${post.seq} got ${status}`);
    if (fate < 0.5) return;
    if (status === 200) post.isAnswered = true;
  }

  #arrive(request: TestRequest): void {
    request.finish(bodies.get(request) ?? "");
  }

  /** Takes a part of what came; at the end of the stream asks for the next. */
  async #read(part: number): Promise<void> {
    const stream = this.#stream;
    if (!stream || this.#isOver()) return;
    this.#unread += stream.takeText();
    const length = Math.ceil(this.#unread.length * part);
    const whole = this.#unread.slice(0, length).lastIndexOf("\n") + 1;
    const lines = this.#unread.slice(0, whole).split("\n");
    this.#unread = this.#unread.slice(whole);
    for (const line of lines) if (line.startsWith("data:")) this.#take(decode(line.slice("data:".length)));
    if (!lines.includes("event: end")) return;
    this.#unread = "";
    this.#stream = undefined;
    if (!this.#isUp) await this.#goOn();
    else for (const frame of this.#peer?.takeSent() ?? []) this.#take(frame);
  }

  async #goOn(): Promise<void> {
    this.rotations++;
    const { id } = this.#session.session;
    if (this.#chance(0.2)) {
      // The answer is lost on its way, with what was in it.
      const lost = await this.#world.next(id, this.#packets);
      if (this.#chance(0.5)) await settle();
      if (lost.takeText().includes("data:")) return this.#refused();
    }
    this.#stream = await this.#world.next(id, this.#packets);
  }

  async #refused(): Promise<void> {
    const query = `${sse(this.#session.session.id)}&from=${this.#packets}`;
    const { status } = await this.#world.request({ query });
    if (status !== 400 || !this.#isOver()) throw new Error(`packets were lost, and it goes on: ${status}`);
    this.#isLost = true;
    this.losses++;
  }

  #take(packet: Frame): void {
    this.#packets++;
    if (typeof packet !== "string") this.#got.push(asText(packet));
    else if (packet.startsWith("4")) this.#got.push(packet.slice(1));
  }

  /** It fails more often than not. The client first gets the answer to its POST. */
  async #moveUp(): Promise<void> {
    const { session } = this.#session;
    if (this.#isUp) return;
    const peer = await this.#world.upgrade(session.id);
    const fate = this.#random();
    if (fate < 0.3) return peer.drop();
    peer.receive("2probe");
    if (peer.takeSent()[0] !== "3probe") throw new Error("no answer to the probe");
    if (fate < 0.8) return this.#failed(peer, fate);
    while (this.#post?.isAnswered === false) await this.#ask(this.#post);
    peer.receive("5");
    this.upgrades++;
    this.#isUp = true;
    this.#peer = peer;
  }

  async #failed(peer: MemoryPeer, fate: number): Promise<void> {
    this.#say();
    if (fate < 0.5) await this.#read(1);
    peer.drop();
  }

  /** The link breaks. What is lost on it is lost for this session, which has to end. */
  async #lose(): Promise<void> {
    if (this.#isUp || !this.#stream) return;
    const isCut = this.#stream.state === "open";
    this.#stream.leave();
    this.#isLost = true;
    this.losses++;
    // It was ended, and its end did not arrive: the client says how far it got.
    if (!isCut) {
      const { sent } = this.#account();
      const query = `${sse(this.#session.session.id)}&from=${this.#packets}`;
      const { status } = await this.#world.request({ query });
      if (sent !== this.#packets && status !== 410) throw new Error(`lost packets got ${status}`);
      if (sent === this.#packets) return;
    }
    await settle();
    if (this.#session.session.state !== "closed") throw new Error("a session went on that lost packets");
  }

  /** How many packets the server wrote, which the model finds in what was not read. */
  #account(): { readonly sent: number } {
    const unread = this.#unread + (this.#stream?.takeText() ?? "");
    return { sent: this.#packets + (unread.match(/^data:/gm)?.length ?? 0) };
  }

  /** Everything that is under way arrives. */
  async #calm(): Promise<void> {
    this.#late.splice(0).forEach((request) => this.#arrive(request));
    while (!this.#isUp && this.#post?.isAnswered === false) await this.#ask(this.#post);
    for (let round = 0; round < 5; round++) {
      await settle();
      await this.#read(1);
    }
    if (this.#isUp) for (const frame of this.#peer?.takeSent() ?? []) this.#take(frame);
    if (this.#got.length !== this.#down.length)
      throw new Error(`${this.#got.length} of ${this.#down.length} came down`);
    const heard = this.#session.messages.length;
    if (heard !== this.#up.length) throw new Error(`${heard} of ${this.#up.length} came up`);
  }

  #isOver(): boolean {
    return this.#session.session.state === "closed";
  }

  #check(): void {
    assertBegins(this.#down, this.#got, "down");
    assertBegins(this.#up, this.#session.messages.map(asText), "up");
    const { closes } = this.#session;
    if (!this.#isLost && closes.length > 0) throw new Error(`it ended: ${closes[0]?.reason}`);
  }
}

const bodies = new WeakMap<TestRequest, string>();

function assertBegins(all: readonly string[], some: readonly string[], way: string): void {
  const at = some.findIndex((text, index) => text !== all[index]);
  if (at !== -1) throw new Error(`${way} ${at}: ${some[at]} and not ${all[at]}`);
}

function asText(frame: Frame): string {
  return typeof frame === "string" ? frame : Buffer.from(frame).toString("hex");
}

function decode(line: string): Frame {
  if (line.startsWith("j")) return JSON.parse(line.slice(1)) as string;
  return line.startsWith("b") ? Buffer.from(line.slice(1), "base64") : line;
}
