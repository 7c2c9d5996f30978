import { Server, type Socket } from "@bowline/server";
import { VirtualNetwork } from "../faults/virtual-network.ts";
import { ACK_LIMIT_MS, ModelClient, type ModelSession, type ModelWorld } from "./model-client.ts";

export interface ModelOptions {
  readonly clients: number;
  readonly steps: number;
  /** So little is kept, and for so short a time, that there are gaps and lost sessions. */
  readonly isTight: boolean;
  /** A middleware is asked about everybody, takes its time, and says no now and then. */
  readonly isAsked: boolean;
}

/** What happened in a run. */
export interface Counts {
  resumes: number;
  gaps: number;
  /** Gaps of clients that were not away, but did not read. */
  live: number;
  lost: number;
  late: number;
  /** Events of the server's that came, and of the clients'. */
  received: number;
  handled: number;
}

/** A dozen of these are more than may wait for who does not read. */
const LARGE = "x".repeat(8_000);
const ROOMS = ["a", "b", "c"];
const WINDOW_MS = 15_000;
/** How long it may take at the end until everybody has everything. */
const PATIENCE_MS = 120_000;

/**
 * Random clients, rooms, events, acks, cuts, half-open links, late bytes and returns between our real ends, against a simple
 * account of who must get what. Throws at the first difference, with what led to it. The same seed does the same.
 */
export class ResumptionModel implements ModelWorld {
  readonly network: VirtualNetwork;
  readonly random: () => number;
  readonly isTight: boolean;
  readonly counts: Counts = { resumes: 0, gaps: 0, live: 0, lost: 0, late: 0, received: 0, handled: 0 };
  readonly #options: ModelOptions;
  readonly #io: Server;
  readonly #clients: ModelClient[] = [];
  readonly #sessions = new Map<string, ModelSession>();
  readonly #sockets = new Map<string, Socket>();
  readonly #trace: string[] = [];
  readonly #errors: unknown[] = [];
  #failure: Error | undefined;
  #number = 0;
  /** Answers that the server waits for. */
  #pending = 0;
  #areFaultsOver = false;

  constructor(seed: number, options: ModelOptions) {
    this.#options = options;
    this.isTight = options.isTight;
    this.network = new VirtualNetwork(seed);
    this.random = this.network.random;
    this.network.delayMs = () => 1 + Math.floor(this.random() * 30);
    this.network.onLink = (link) => {
      if (this.#areFaultsOver) return;
      const roll = this.random();
      if (roll < 0.03) link.cut("client");
      else if (roll < 0.06) link.loseAnswer();
      else if (roll < 0.1) link.isDoubled = link.method === "POST";
      // While it is being opened, or while the client says who it is.
      else if (roll < 0.2) this.network.clock.setTimer(() => link.freeze(), this.random() * 150);
    };
    const tight = { window: WINDOW_MS, maxEvents: 4, maxBytes: 20_000 };
    this.#io = new Server({
      runtime: this.network.runtime,
      pingInterval: 5_000,
      pingTimeout: 4_000,
      resumption: options.isTight ? tight : { window: 10 * PATIENCE_MS },
      onError: (error) => void this.#errors.push(error),
    });
    this.#io.attach(this.network.host);
    if (options.isAsked) this.#io.use((_socket, next) => this.#ask(next));
    this.#io.on("connection", (socket) => this.#entered(socket));
  }

  session(id: string): ModelSession | undefined {
    return this.#sessions.get(id);
  }

  async run(): Promise<Counts> {
    for (let number = 0; number < this.#options.clients; number++) {
      this.#clients.push(new ModelClient(number, this));
    }
    for (let step = 0; step < this.#options.steps; step++) {
      this.#step();
      if (this.random() < 0.15) for (const link of this.network.links) link.read();
      await this.#pass(this.#howLong());
    }
    await this.#calm();
    for (const client of this.#clients) {
      client.check();
      this.counts.gaps += client.gaps;
      this.counts.lost += client.lost;
      this.counts.received += client.heard;
      this.counts.handled += client.handled.reduce((sum, times) => sum + times, 0);
    }
    this.#checkServer();
    await this.#io.close();
    return this.counts;
  }

  note(what: string): void {
    this.#trace.push(`${this.network.clock.now().toFixed(0).padStart(7)} ${what}`);
  }

  fail(what: string): never {
    this.#failure ??= new Error(`${what}\n${this.#trace.slice(-60).join("\n")}`);
    throw this.#failure;
  }

  #step(): void {
    const client = this.#pick(this.#clients);
    const roll = this.random();
    if (roll < 0.36) this.#emit();
    else if (roll < 0.4) for (let burst = 0; burst < 15; burst++) this.#emit();
    else if (roll < 0.54) for (let burst = 0; burst <= this.random() * 3; burst++) client.emit();
    else if (roll < 0.6) client.ask();
    else if (roll < 0.66) this.#askClients();
    else if (roll < 0.74) this.#move();
    else if (roll < 0.94) this.#break(client);
    else if (roll < 0.96) this.#sendAway();
    else if (roll < 0.98 && client.socket.active) {
      this.note(`${client.number} leaves`);
      client.leave();
    }
    if (!client.socket.active && this.random() < 0.5) client.socket.connect();
  }

  #howLong(): number {
    const roll = this.random();
    if (roll < 0.85) return this.random() * 80;
    return roll < 0.97 ? this.random() * 3_000 : this.random() * 20_000;
  }

  async #pass(ms: number): Promise<void> {
    await this.network.clock.advance(ms);
    // What a listener throws goes to whoever takes errors, and not to here.
    if (this.#failure) throw this.#failure;
  }

  /** To whom the account says, by what way chance says. */
  #emit(large = 0.15): void {
    const number = this.#number++;
    const name = this.random() < 0.1 ? "$n" : "n";
    const args: unknown[] = [number];
    if (this.random() < 0.2) args.push(new Uint8Array([number & 255]));
    else if (this.random() < large) args.push(LARGE);
    const [room, other] = [this.#pick(ROOMS), this.#pick(ROOMS)];
    const [id, speaker] = this.#pick([...this.#sockets]) ?? [];
    const io = this.#io;
    const roll = this.random();
    if (roll < 0.2)
      this.#expect(
        number,
        () => true,
        () => io.emit(name, ...args),
      );
    else if (roll < 0.4)
      this.#expect(
        number,
        ({ rooms }) => rooms.has(room),
        () => io.to(room).emit(name, ...args),
      );
    else if (roll < 0.5)
      this.#expect(
        number,
        ({ rooms }) => rooms.has(room) && !rooms.has(other),
        () =>
          io
            .to(room)
            .except(other)
            .emit(name, ...args),
      );
    else if (roll < 0.6)
      this.#expect(
        number,
        ({ rooms }) => rooms.has(room) || rooms.has(other),
        () => io.to([room, other]).emit(name, ...args),
      );
    else if (!speaker) return;
    else if (roll < 0.8)
      this.#expect(
        number,
        (one) => one.id === id,
        () => speaker.emit(name, ...args),
      );
    else if (roll < 0.9)
      this.#expect(
        number,
        (one) => one.id !== id,
        () => speaker.broadcast.emit(name, ...args),
      );
    else if (roll < 0.95) speaker.volatile.emit("v", number);
    else io.volatile.emit("v", number);
  }

  #expect(number: number, isFor: (session: ModelSession) => boolean, emit: () => void): void {
    for (const session of this.#sessions.values()) {
      if (!session.isOver && isFor(session)) session.expected.push(number);
    }
    emit();
  }

  /** One client, or a room. */
  #askClients(): void {
    const number = this.#number++;
    const room = this.#pick(ROOMS);
    const [id, socket] = this.#pick([...this.#sockets]) ?? [];
    let asked: Promise<unknown> | undefined;
    if (this.random() < 0.7) {
      if (!socket) return;
      const ask = (): void => void (asked = socket.timeout(ACK_LIMIT_MS).emitWithAck("q", number));
      this.#expect(number, (one) => one.id === id, ask);
    } else {
      const ask = (): void => void (asked = this.#io.to(room).timeout(ACK_LIMIT_MS).emitWithAck("q", number));
      this.#expect(number, ({ rooms }) => rooms.has(room), ask);
    }
    this.#pending++;
    const check = (answers: unknown): void => {
      const isRight = [answers].flat().every((answer) => answer === 2 * number);
      if (!isRight) this.fail(`client: the answer to ${number} is ${JSON.stringify(answers)}`);
    };
    // It may fail, but it must come to an end.
    void asked
      ?.then(check)
      .catch(() => {})
      .finally(() => this.#pending--);
  }

  /** A socket joins or leaves, whether its client is there or not. */
  #move(): void {
    const room = this.#pick(ROOMS);
    const [id, socket] = this.#pick([...this.#sockets]) ?? [];
    const rooms = this.#sessions.get(id ?? "")?.rooms;
    if (!socket || !rooms) return;
    if (this.random() < 0.6) {
      socket.join(room);
      rooms.add(room);
    } else {
      socket.leave(room);
      rooms.delete(room);
    }
  }

  #break(client: ModelClient): void {
    const links = client.links.filter(({ isFrozen }) => !isFrozen);
    const frozen = client.links.filter(({ isFrozen }) => isFrozen);
    const roll = this.random();
    if (roll < 0.35) {
      const told = this.#pick(["both", "both", "client", "server"] as const);
      this.note(`${client.number} is cut, ${told} told`);
      for (const link of links) link.cut(told);
    } else if (roll < 0.5) {
      this.note(`${client.number} is frozen`);
      for (const link of links) link.freeze();
    } else if (roll < 0.7) {
      this.note(`${client.number} gives its links up`);
      for (const link of links) link.freeze();
      client.manager.engine?.close();
    } else if (roll < 0.85) {
      this.note(`${client.number} reads nothing`);
      for (const link of links) link.stall();
      for (let burst = 0; burst < 40; burst++) this.#emit(0.7);
    } else if (roll < 0.95) {
      const link = this.#pick(frozen);
      if (!link) return;
      this.note(`what ${client.number} sent over link ${link.number} comes late`);
      this.counts.late++;
      link.deliverLate();
    } else client.place.page("online");
  }

  #sendAway(): void {
    const [id, socket] = this.#pick([...this.#sockets]) ?? [];
    if (!socket) return;
    const roll = this.random();
    this.note(`${id} is sent away`);
    if (roll < 0.4) socket.disconnect();
    else if (roll < 0.6) socket.disconnect(true);
    else socket.conn.close();
  }

  #ask(next: (error?: Error) => void): void {
    const isWelcome = this.random() < 0.95 || this.#areFaultsOver;
    const answer = (): void => next(isWelcome ? undefined : new Error("no"));
    if (this.random() < 0.3) answer();
    else this.network.clock.setTimer(answer, this.random() * 400);
  }

  #entered(socket: Socket): void {
    const { id } = socket;
    const client = this.#clients[Number(socket.handshake.auth["client"])];
    if (!client) this.fail("a client that nobody knows");
    if (this.#sessions.has(id)) this.fail(`${id} is connected twice`);
    this.note(`${id} is there for ${client.number}`);
    const session: ModelSession = {
      id,
      rooms: new Set(),
      expected: [],
      lastHandled: -1,
      attempt: 0,
      isOver: false,
    };
    this.#sessions.set(id, session);
    this.#sockets.set(id, socket);
    this.#letIn(session, socket);
    const handle = (number: number): void => client.wasHandled(number, session);
    socket.on("up", handle);
    socket.on("$up", handle);
    socket.on("ask", async (number: number, answer: (number: number) => void) => {
      handle(number);
      if (this.random() < 0.5) {
        await new Promise<void>((resolve) => this.network.clock.setTimer(resolve, this.random() * 2_000));
      }
      answer(2 * number);
    });
    socket.on("disconnect", (reason) => {
      this.note(`${id} ended: ${reason}`);
      session.isOver = true;
      this.#sockets.delete(id);
    });
    socket.resumption?.on("gap", () => this.counts.live++);
    socket.resumption?.on("resume", ({ gap }) => {
      if (gap) this.counts.live--;
      this.note(`${id} goes on`);
      this.#letIn(session, socket);
      this.counts.resumes++;
    });
    socket.resumption?.on("suspend", (reason) => this.note(`${id} is suspended: ${reason}`));
  }

  /** A request to be let in that comes late must not take the socket from where the client is now. */
  #letIn(session: ModelSession, socket: Socket): void {
    const attempt = Number(socket.handshake.auth["attempt"]);
    if (!(attempt > session.attempt))
      this.fail(`client: ${session.id} is let in by attempt ${attempt}, behind ${session.attempt}`);
    session.attempt = attempt;
  }

  /** No more faults: what is frozen is gone for good, and everybody is back. */
  async #calm(): Promise<void> {
    this.#areFaultsOver = true;
    this.note("the faults are over");
    for (const link of this.network.links) {
      link.read();
      if (link.isFrozen) link.cut("nobody");
    }
    for (let passed = 0; passed < PATIENCE_MS; passed += 1_000) {
      for (const { socket } of this.#clients) if (!socket.active) socket.connect();
      await this.#pass(1_000);
      if (passed > ACK_LIMIT_MS && this.#pending === 0 && this.#clients.every(({ isCalm }) => isCalm)) return;
    }
  }

  #checkServer(): void {
    if (this.#pending > 0) this.fail(`the server waits for ${this.#pending} answers`);
    if (this.#errors.length > 0) throw this.#errors[0];
    const live = this.#io.sockets.sockets.size;
    const ghosts = [...this.#sockets.values()].filter((socket) => !socket.resumption?.suspended).length;
    if (ghosts !== this.#clients.length)
      this.fail(`${ghosts} of ${live} sockets for ${this.#clients.length} clients`);
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.random() * items.length)] as Item;
  }
}
