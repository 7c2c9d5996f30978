import type { Gap, ResumptionReply } from "@bowline/protocol/internal";
import type { Socket } from "../socket/socket.ts";
import type { MemoryPeer } from "./memory-host.ts";
import { ResumptionWorld } from "./resumption-world.ts";
import { seeded } from "./seeded.ts";

/** Small, so that bounds are reached. */
const OPTIONS = { window: 1_000, maxBytes: 9_000, maxEvents: 40, maxTotalBytes: 20_000, maxSuspended: 2 };
const CLIENTS = 3;
const KEY_LENGTH = 22;
const LONGEST_PAUSE_MS = 300;

/** One socket of the server's, from its `connection` on. */
interface Life {
  readonly socket: Socket;
  /** Its counted events: the place of a number is its count. */
  readonly sent: number[];
  readonly heard: number[];
}

/** Both directions of one link: what is under way is lost with it, or late. */
class Link {
  readonly peer: MemoryPeer;
  up: string[] = [];
  down: string[] = [];

  constructor(peer: MemoryPeer) {
    this.peer = peer;
    const send = peer.send.bind(peer);
    peer.send = (frame, options) => {
      if (peer.state !== "open") return;
      send(frame, options);
      peer.takeSent();
      this.down.push(String(frame));
      peer.bufferedAmount += frame.length;
    };
  }

  deliver(most: number): void {
    for (const frame of this.up.splice(0, most)) this.peer.receive(frame);
  }

  take(most: number): string[] {
    const taken = this.down.splice(0, most);
    for (const frame of taken) this.peer.bufferedAmount -= frame.length;
    if (taken.length > 0 && this.down.length === 0) this.peer.listener?.drain();
    return taken;
  }
}

/** A client that does what U4 to U16 ask of one. What the server does wrong, it throws. */
class ModelClient {
  readonly key: string;
  readonly #lives: ReadonlyMap<string, Life>;
  link: Link | undefined;
  /** Given up; what was sent over them may still arrive. */
  readonly old: Link[] = [];
  /** The reply to this link's CONNECT came. */
  isOnline = false;
  attempt = 0;
  life: Life | undefined;
  received = 0;
  /** What it emitted in this life, and how much of that is confirmed. */
  emitted: number[] = [];
  confirmed = 0;
  gaps = 0;
  resumes = 0;

  constructor(key: string, lives: ReadonlyMap<string, Life>) {
    this.key = key;
    this.#lives = lives;
  }

  async connect(world: ResumptionWorld): Promise<void> {
    const peer = await world.link();
    this.isOnline = false;
    this.link = new Link(peer);
    const rs = {
      k: this.key,
      a: ++this.attempt,
      ...(this.life && { n: this.received, s: this.life.socket.id }),
    };
    this.link.up.push(`40${JSON.stringify({ $x: { rs } })}`);
  }

  /** The link is given up; whether the server hears of it at once or never is the caller's. */
  leave(): Link | undefined {
    const { link } = this;
    this.link = undefined;
    this.isOnline = false;
    if (link) this.old.push(link);
    return link;
  }

  emit(number: number): void {
    if (!this.life) return;
    this.emitted.push(number);
    if (this.isOnline) this.#say("up", number);
  }

  confirm(): void {
    if (this.isOnline) this.#say("$", "a", this.received);
  }

  ask(): void {
    if (this.isOnline) this.#say("$", "r");
  }

  read(most: number): void {
    for (const frame of this.link?.take(most) ?? []) this.#take(frame);
  }

  #say(...data: unknown[]): void {
    this.link?.up.push(`42${JSON.stringify(data)}`);
  }

  #take(frame: string): void {
    if (frame === "2") this.link?.up.push("3");
    else if (frame === "41") {
      this.life = undefined;
      this.isOnline = false;
    } else if (frame.startsWith("40")) this.#takeReply(JSON.parse(frame.slice(2)));
    else if (frame.startsWith("42")) this.#takeEvent(JSON.parse(frame.slice(2)));
  }

  #takeReply({ sid, $x: { rs } }: { sid: string; $x: { rs: ResumptionReply } }): void {
    const life = this.#lives.get(sid);
    if (!life) throw new Error(`a socket that nobody knows: ${sid}`);
    if (rs.ok && this.life && this.life !== life) throw new Error("resumed as another socket");
    if (!rs.ok || !this.life) {
      this.received = 0;
      this.emitted = [];
      this.confirmed = 0;
    }
    if (rs.ok) this.resumes++;
    this.life = life;
    this.isOnline = true;
    if (rs.gap) this.#skip(rs.gap);
    this.#dropTo(rs.h);
    for (const number of this.emitted.slice(this.confirmed)) this.#say("up", number);
  }

  #takeEvent(data: readonly unknown[]): void {
    if (data[0] === "$") {
      if (data[1] === "a") this.#dropTo(data[2] as number);
      else if (data[1] === "r") this.confirm();
      else if (data[1] === "g") this.#skip(data[2] as Gap);
      return;
    }
    const expected = this.life?.sent[this.received];
    if (data[1] !== expected) throw new Error(`event ${String(data[1])}, where ${expected} was to come`);
    this.received++;
  }

  #skip({ from, to }: Gap): void {
    if (from !== this.received + 1 || to < from) {
      throw new Error(`a gap ${from}-${to} behind ${this.received} events`);
    }
    this.received = to;
    this.gaps++;
  }

  #dropTo(count: number): void {
    if (count > this.emitted.length) throw new Error(`${count} events came, of ${this.emitted.length}`);
    this.confirmed = Math.max(this.confirmed, count);
  }
}

/** What happened in a run, so that a test can tell that everything did. */
export interface ModelStatistics {
  connects: number;
  resumes: number;
  gaps: number;
  events: number;
  lives: number;
}

/** A server and some clients over links that break, delay, and let late bytes through. One seed is one story. */
export class ResumptionModel {
  readonly world: ResumptionWorld = new ResumptionWorld({ resumption: OPTIONS });
  readonly #chance: () => number;
  readonly #lives = new Map<string, Life>();
  readonly #clients: ModelClient[];
  /** Middleware that has not made up its mind. */
  #waiting: (() => void)[] = [];
  #numbers = 0;
  #connects = 0;

  constructor(seed: number) {
    this.#chance = seeded(seed);
    this.#clients = Array.from(
      { length: CLIENTS },
      (_, index) => new ModelClient(`${index}`.padStart(KEY_LENGTH, "k"), this.#lives),
    );
    this.world.nsp.use((_socket, next) => {
      if (this.#is(0.5)) next();
      else this.#waiting.push(next);
    });
    this.world.nsp.on("connection", (socket) => {
      const life: Life = { socket, sent: [], heard: [] };
      this.#lives.set(socket.id, life);
      if (this.#is(0.5)) socket.join("room");
      socket.on("up", (number: number) => life.heard.push(number));
    });
  }

  /** @throws Error when the server did what it must not. */
  async run(steps: number): Promise<ModelStatistics> {
    for (let step = 0; step < steps; step++) {
      await this.#step();
      this.#check();
    }
    await this.#settle();
    let [resumes, gaps] = [0, 0];
    for (const client of this.#clients) [resumes, gaps] = [resumes + client.resumes, gaps + client.gaps];
    return { connects: this.#connects, resumes, gaps, events: this.#numbers, lives: this.#lives.size };
  }

  async #step(): Promise<void> {
    const client = this.#one(this.#clients);
    const what = this.#chance();
    if (what < 0.1) {
      const link = client.leave();
      if (this.#is(0.5)) link?.peer.drop();
      await this.#connect(client);
    } else if (what < 0.13) client.leave()?.peer.drop();
    else if (what < 0.4) this.#emit();
    else if (what < 0.5) client.emit(++this.#numbers);
    else if (what < 0.65) client.link?.deliver(this.#upTo(6));
    else if (what < 0.7) this.#one(client.old)?.deliver(this.#upTo(4));
    else if (what < 0.88) client.read(this.#upTo(20));
    else if (what < 0.93) this.#waiting.splice(this.#upTo(this.#waiting.length) - 1, 1)[0]?.();
    else if (what < 0.96) client.confirm();
    else if (what < 0.97) client.ask();
    else if (what < 0.975) this.#one([...this.world.nsp.sockets.values()])?.disconnect(this.#is(0.5));
    else await this.world.clock.advance(this.#upTo(LONGEST_PAUSE_MS));
    if (!client.link && this.#is(0.1)) await this.#connect(client);
  }

  #emit(): void {
    const number = ++this.#numbers;
    const text = "x".repeat(this.#is(0.1) ? 2_000 : 10);
    const sockets = [...this.world.nsp.sockets.values()];
    const count = (socket: Socket): void => void this.#lives.get(socket.id)?.sent.push(number);
    const whom = this.#chance();
    if (whom < 0.3) {
      sockets.forEach(count);
      this.world.nsp.emit("down", number, text);
    } else if (whom < 0.5) {
      sockets.filter(({ rooms }) => rooms.has("room")).forEach(count);
      this.world.nsp.to("room").emit("down", number, text);
    } else {
      const socket = this.#one(sockets);
      if (!socket) return;
      // Some at once: more than is kept.
      for (let more = this.#is(0.05) ? 50 : 1; more > 0; more--) {
        const next = ++this.#numbers;
        this.#lives.get(socket.id)?.sent.push(next);
        socket.emit("down", next, text);
      }
    }
  }

  async #connect(client: ModelClient): Promise<void> {
    this.#connects++;
    await client.connect(this.world);
  }

  /** What came is what was sent, in order and once, so far. */
  #check(): void {
    for (const client of this.#clients) {
      const heard = client.life?.heard ?? [];
      heard.forEach((number, index) => {
        if (number !== client.emitted[index]) throw new Error(`heard ${number} as number ${index + 1}`);
      });
    }
    const bytes = this.world.pool?.bytes ?? 0;
    if (bytes < 0 || bytes > OPTIONS.maxTotalBytes) throw new Error(`${bytes} bytes are kept`);
  }

  /** Every client comes back over a link that holds; then everything is there. */
  async #settle(): Promise<void> {
    for (const client of this.#clients) {
      client.leave();
      await this.#connect(client);
    }
    for (let round = 0; round < 10; round++) {
      for (const client of this.#clients) client.link?.deliver(Infinity);
      while (this.#waiting.length > 0) this.#waiting.shift()?.();
      for (const client of this.#clients) {
        client.read(Infinity);
        if (!client.isOnline) {
          client.leave();
          await this.#connect(client);
        }
        client.confirm();
        client.ask();
      }
      this.#check();
    }
    for (const { life, received, emitted, isOnline } of this.#clients) {
      if (!life || !isOnline) throw new Error("a client did not come back");
      const isDone = received === life.sent.length && life.heard.length === emitted.length;
      if (!isDone) {
        throw new Error(
          `${received} of ${life.sent.length} events down, ${life.heard.length} of ${emitted.length} up`,
        );
      }
    }
    await this.world.clock.advance(OPTIONS.window + 1);
    if (this.world.pool?.bytes !== 0)
      throw new Error(`${this.world.pool?.bytes} bytes are kept of what is confirmed`);
    if (this.world.errors.length > 0) throw this.world.errors[0];
  }

  #is(probability: number): boolean {
    return this.#chance() < probability;
  }

  #upTo(count: number): number {
    return 1 + Math.floor(this.#chance() * count);
  }

  #one<Thing>(things: readonly Thing[]): Thing {
    return things[Math.floor(this.#chance() * things.length)] as Thing;
  }
}
