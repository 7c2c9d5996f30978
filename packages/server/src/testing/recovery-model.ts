import type { Socket } from "../socket/socket.ts";
import type { MemoryPeer } from "./memory-host.ts";
import { RecoveryClient, RecoveryWorld } from "./recovery-world.ts";
import { seeded } from "./seeded.ts";

/** What the model knows of a session: nothing of logs, numbers and journals. */
interface ModelSession {
  readonly id: string;
  readonly rooms: Set<string>;
  /** The numbers of the events that its client must get, once and in order. */
  readonly expected: number[];
  lostAt: number | undefined;
  hasEnded: boolean;
}

interface ModelClient {
  client: RecoveryClient;
  session: ModelSession | undefined;
  /** The numbers that it got in this session. */
  got: number[];
  /** Links that it gave up, and the server does not know. */
  readonly given: MemoryPeer[];
}

export interface ModelOptions {
  readonly clients: number;
  readonly steps: number;
  /** So little is kept that sessions are lost; then what goes on is still exact. */
  readonly isTight: boolean;
  /** The middleware is asked about everybody, and takes its time. */
  readonly isAsked: boolean;
}

const ROOMS = ["a", "b", "c"];
const MAX_AWAY_MS = 120_000;
/** A client that comes back and is lost again before it reads may miss what is older than this: seven ages of the log. */
const MAX_AGE_MS = (165_000 / 8) * 7;
const ENDING = new Set(["client namespace disconnect", "server namespace disconnect", "parse error"]);

/**
 * Random clients, rooms, events, cuts, half-open links and returns against a simple model of who must get what. Throws
 * at the first difference. The same seed does the same.
 */
export class RecoveryModel {
  readonly #random: () => number;
  readonly #options: ModelOptions;
  readonly #world: RecoveryWorld;
  readonly #clients: ModelClient[] = [];
  readonly #sessions = new Map<string, ModelSession>();
  readonly #held: ((error?: Error) => void)[] = [];
  /** When each event was emitted; the first has the number 1. */
  readonly #emittedAt: number[] = [0];
  resumed = 0;
  refused = 0;

  constructor(seed: number, options: ModelOptions) {
    this.#random = seeded(seed);
    this.#options = options;
    const tight = { maxLogEvents: 6, maxSessions: 2 };
    this.#world = new RecoveryWorld({ skipMiddlewares: !options.isAsked, ...(options.isTight ? tight : {}) });
    this.#world.nsp.on("connection", (socket) => this.#connected(socket));
    if (options.isAsked) this.#world.nsp.use((_socket, next) => void this.#held.push(next));
  }

  async run(): Promise<void> {
    for (let client = 0; client < this.#options.clients; client++) await this.#addClient();
    for (let step = 0; step < this.#options.steps; step++) {
      await this.#step();
      if (this.#random() < 0.3) this.#check();
    }
    for (const one of this.#clients) await this.#connect(one);
    while (this.#held.length > 0) this.#letIn();
    this.#check();
    if (this.#world.errors.length > 0) throw this.#world.errors[0];
  }

  async #step(): Promise<void> {
    const one = this.#pick(this.#clients);
    if (this.#held.length > 0 && this.#random() < 0.3) return this.#letIn();
    const roll = this.#random();
    if (roll < 0.5) this.#emit();
    else if (roll < 0.64) this.#move();
    else if (roll < 0.8 && one.client.peer) this.#lose(one, roll < 0.72);
    else if (roll < 0.86) await this.#connect(one);
    else if (roll < 0.9) one.given.splice(0, 1)[0]?.drop();
    else if (roll < 0.92) await this.#twin(one);
    else if (roll < 0.94) this.#end(one);
    else await this.#pass();
  }

  /** To whom the model says, by what way chance says. */
  #emit(): void {
    const { nsp } = this.#world;
    const number = this.#emittedAt.push(this.#world.clock.now()) - 1;
    const args = this.#random() < 0.2 ? [number, new Uint8Array([number & 255])] : [number];
    const [room, other] = [this.#pick(ROOMS), this.#pick(ROOMS)];
    const speaker = this.#world.sockets.length > 0 ? this.#pick(this.#world.sockets) : undefined;
    const roll = this.#random();
    if (roll < 0.15)
      this.#expect(
        number,
        () => true,
        () => nsp.emit("e", ...args),
      );
    else if (roll < 0.35)
      this.#expect(
        number,
        ({ rooms }) => rooms.has(room),
        () => nsp.to(room).emit("e", ...args),
      );
    else if (roll < 0.45) {
      const isFor = ({ rooms }: ModelSession): boolean => rooms.has(room) && !rooms.has(other);
      this.#expect(number, isFor, () =>
        nsp
          .to(room)
          .except(other)
          .emit("e", ...args),
      );
    } else if (roll < 0.55) {
      const isFor = ({ rooms }: ModelSession): boolean => rooms.has(room) || rooms.has(other);
      this.#expect(number, isFor, () => nsp.to([room, other]).emit("e", ...args));
    } else if (!speaker) return;
    else if (roll < 0.75)
      this.#expect(
        number,
        ({ id }) => id === speaker.id,
        () => speaker.emit("e", ...args),
      );
    else if (roll < 0.85) {
      this.#expect(
        number,
        ({ id }) => id !== speaker.id,
        () => speaker.broadcast.emit("e", ...args),
      );
    } else if (roll < 0.9) speaker.volatile.emit("v", "text");
    else if (roll < 0.95) nsp.to(room).volatile.emit("v");
    else speaker.emit("asked", "text", () => {});
  }

  #expect(number: number, isFor: (session: ModelSession) => boolean, emit: () => void): void {
    for (const session of this.#sessions.values()) {
      if (!session.hasEnded && isFor(session)) session.expected.push(number);
    }
    emit();
  }

  /** A socket that is there joins or leaves. */
  #move(): void {
    const room = this.#pick(ROOMS);
    const sockets = [...this.#world.nsp.sockets.values()];
    if (sockets.length === 0) return;
    const socket = this.#pick(sockets);
    const rooms = this.#sessions.get(socket.id)?.rooms;
    if (this.#random() < 0.5) {
      socket.join(room);
      rooms?.add(room);
    } else {
      socket.leave(room);
      rooms?.delete(room);
    }
  }

  async #addClient(): Promise<void> {
    const one: ModelClient = {
      client: new RecoveryClient(this.#world),
      session: undefined,
      got: [],
      given: [],
    };
    this.#watch(one);
    this.#clients.push(one);
    await this.#connect(one);
  }

  /** Whatever became of the last link. */
  async #connect(one: ModelClient): Promise<void> {
    if (one.client.peer) this.#lose(one, false);
    await one.client.connect();
    this.#drain(one);
  }

  /** Some of what is on its way still comes. */
  #lose(one: ModelClient, isNoticed: boolean): void {
    const peer = one.client.loseLink(Math.floor(this.#random() * 6));
    this.#drain(one);
    if (!peer) return;
    if (isNoticed) peer.drop();
    else one.given.push(peer);
  }

  /** Another one names the same session; it goes on as this client, and the first hears nothing more. */
  async #twin(one: ModelClient): Promise<void> {
    if (!one.client.connected) return;
    this.#drain(one);
    const first = one.client;
    const twin = new RecoveryClient(this.#world);
    Object.assign(twin, { pid: first.pid, offset: first.offset, id: first.id });
    first.onConnect = undefined;
    first.onDisconnect = undefined;
    one.client = twin;
    this.#watch(one);
    await twin.connect();
    this.#drain(one);
    if (!this.#options.isAsked) {
      if (first.read().connected) this.#fail("two owners");
      if (first.events.length > 0) this.#fail("the first of two hears what the second is told");
    } else if (first.peer) one.given.push(first.peer);
  }

  /** Someone leaves on purpose, or breaks the protocol. */
  #end(one: ModelClient): void {
    const socket = one.client.connected ? this.#world.nsp.sockets.get(one.client.id ?? "") : undefined;
    if (!socket) return;
    this.#drain(one);
    if (!one.client.connected) return;
    one.client.onDisconnect = undefined;
    const roll = this.#random();
    if (roll < 0.4) socket.disconnect();
    else if (roll < 0.8) one.client.peer?.receive("41");
    else one.client.peer?.receive("9");
    one.client.cut();
    this.#watch(one);
  }

  #letIn(): void {
    const at = Math.floor(this.#random() * this.#held.length);
    const [next] = this.#held.splice(at, 1);
    next?.(this.#random() < 0.2 ? new Error("no") : undefined);
    for (const one of this.#clients) this.#drain(one);
  }

  async #pass(): Promise<void> {
    const byMs = this.#random() < 0.8 ? 5_000 : 60_000;
    for (let passed = 0; passed < byMs; passed += 5_000) {
      await this.#world.clock.advance(5_000);
      for (const one of this.#clients) this.#drain(one);
    }
  }

  #connected(socket: Socket): void {
    const known = this.#sessions.get(socket.id);
    if (socket.recovered !== (known !== undefined)) this.#fail(`recovered ${socket.recovered}`);
    if (known) {
      known.lostAt = undefined;
      const rooms = [...socket.rooms].toSorted().join();
      if (rooms !== [...known.rooms].toSorted().join()) this.#fail(`rooms ${rooms}`);
      if (socket.data.mark !== socket.id) this.#fail("data");
    } else {
      const rooms = new Set([socket.id]);
      const session = { id: socket.id, rooms, expected: [], lostAt: undefined, hasEnded: false };
      this.#sessions.set(socket.id, session);
      socket.data.mark = socket.id;
    }
    socket.on("disconnect", (reason) => {
      const session = this.#sessions.get(socket.id);
      if (!session) return;
      session.lostAt = this.#world.clock.now();
      session.hasEnded ||= ENDING.has(reason);
      if (this.#random() < 0.3) this.#emit();
    });
  }

  #watch(one: ModelClient): void {
    one.client.onDisconnect = () => this.#fail("sent away");
    one.client.onConnect = () => {
      const { client, session } = one;
      const now = this.#world.clock.now();
      const isLate = session?.lostAt !== undefined && now - session.lostAt > MAX_AWAY_MS;
      const missed = this.#emittedAt[session?.expected[one.got.length] ?? Infinity];
      const isOld = missed !== undefined && now - missed > MAX_AGE_MS;
      const mayResume = session !== undefined && !session.hasEnded && !isLate && !isOld;
      if (client.recovered) {
        this.resumed++;
        if (session?.id !== client.id || session?.hasEnded) this.#fail("a session that had ended goes on");
        return;
      }
      if (session) this.refused++;
      if (mayResume && !this.#options.isTight) this.#fail(`${session.id} does not go on`);
      if (session) session.hasEnded = true;
      one.session = this.#sessions.get(client.id ?? "");
      one.got = [];
    };
  }

  #drain(one: ModelClient): void {
    one.client.read();
    for (const [name, number, bytes] of one.client.events.splice(0)) {
      if (name !== "e") continue;
      one.got.push(Number(number));
      const first = bytes instanceof Uint8Array ? bytes[0] : undefined;
      if (first !== undefined && first !== (Number(number) & 255)) this.#fail(`bytes of ${String(number)}`);
    }
  }

  /** Who is connected has everything, who is not has the beginning of it. */
  #check(): void {
    for (const one of this.#clients) {
      this.#drain(one);
      if (!one.session) continue;
      const { expected, id } = one.session;
      const wanted = one.client.connected ? expected : expected.slice(0, one.got.length);
      if (one.got.join() !== wanted.join())
        this.#fail(`${id} got ${one.got.join()}, wanted ${wanted.join()}`);
    }
    if (this.#world.recovery.size.events > 6 && this.#options.isTight) this.#fail("too many are kept");
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random() * items.length)] as Item;
  }

  #fail(what: string): never {
    throw new Error(what);
  }
}
