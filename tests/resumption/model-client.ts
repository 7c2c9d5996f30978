import { Manager, RealtimeError, type Socket, type TransportName } from "@bowline/client";
import type { VirtualLink } from "../faults/virtual-link.ts";
import type { Place, VirtualNetwork } from "../faults/virtual-network.ts";

/** What a socket of the server was sent by its rooms at the time, in order, and what came from its client. */
export interface ModelSession {
  readonly id: string;
  readonly rooms: Set<string>;
  /** The numbers of all counted events for it. */
  readonly expected: number[];
  /** The last of the client's numbers that it handled. */
  lastHandled: number;
  /** How often the client had asked to be let in, when it was let in last. */
  attempt: number;
  isOver: boolean;
}

/** What a client has of the rest of the model. */
export interface ModelWorld {
  readonly network: VirtualNetwork;
  readonly random: () => number;
  session(id: string): ModelSession | undefined;
  /** So little is kept that there are gaps. */
  readonly isTight: boolean;
  note(what: string): void;
  fail(what: string): never;
}

const WAYS: readonly (readonly TransportName[])[] = [
  ["websocket"],
  ["websocket"],
  ["sse"],
  ["polling"],
  ["polling", "websocket"],
  ["websocket", "sse", "polling"],
];
/** How acks may fail, and only they. */
const FAILURES: ReadonlySet<string> = new Set(["ack_timeout", "reply_lost", "disconnected"]);
export const ACK_LIMIT_MS = 20_000;

/** A client of ours, with all that it must get and all that must become of what it sends. */
export class ModelClient {
  readonly number: number;
  readonly place: Place;
  readonly manager: Manager;
  readonly socket: Socket;
  readonly errors: unknown[] = [];
  /** The server's socket, as far as it knows. */
  session: ModelSession | undefined;
  /** How many of the session's expected events it got, or was told that it will not. */
  received = 0;
  /** The same, over all its sessions, without gaps. */
  heard = 0;
  gaps = 0;
  lost = 0;
  /** How many acks it waits for. */
  pending = 0;
  /** How often each of its events was handled. */
  readonly handled: number[] = [];
  /** Events of which it was told that they may be lost. */
  readonly #doubted = new Set<number>();
  /** How often it sent them again: the server may have had them each time. */
  readonly #resent = new Map<number, number>();
  readonly #world: ModelWorld;

  constructor(number: number, world: ModelWorld) {
    this.number = number;
    this.#world = world;
    this.place = world.network.place();
    this.manager = new Manager("http://virtual", {
      env: this.place.env,
      transports: WAYS[Math.floor(world.random() * WAYS.length)] ?? [],
      reconnectionDelay: 100,
      reconnectionDelayMax: 1_000,
      transportTimeout: 1_000,
      timeout: 3_000,
      onError: (error) => void this.errors.push(error),
    });
    let attempt = 0;
    // Asked at each CONNECT.
    const auth = (answer: (data: object) => void): void => answer({ client: number, attempt: ++attempt });
    this.socket = this.manager.socket("/", { auth });
    this.#listen();
  }

  /** Those that lead somewhere, or did. */
  get links(): readonly VirtualLink[] {
    return this.#world.network.links.filter(({ place }) => place === this.place);
  }

  get isCalm(): boolean {
    const { session } = this;
    return this.socket.connected && session !== undefined && !session.isOver && this.pending === 0;
  }

  /** Sends one more. */
  emit(): void {
    const number = this.#next();
    const bytes = this.#world.random() < 0.2 ? [new Uint8Array([number & 255])] : [];
    this.socket.emit(this.#world.random() < 0.1 ? "$up" : "up", number, ...bytes);
  }

  /** Sends one more that wants an answer. */
  ask(): void {
    const number = this.#next();
    this.pending++;
    // What fails in here is kept by the world, which looks at it when time moves.
    void this.#answerTo(number)
      .catch(() => {})
      .finally(() => this.pending--);
  }

  async #answerTo(number: number): Promise<void> {
    let answer: unknown;
    try {
      answer = await this.socket.timeout(ACK_LIMIT_MS).emitWithAck("ask", number);
    } catch (error) {
      // An event whose time is over before it left does not leave any more.
      this.#doubted.add(number);
      if (error instanceof RealtimeError && FAILURES.has(error.code)) return;
      this.#fail(`has ${String(error)} for an answer to ${number}`);
    }
    if (answer !== 2 * number) this.#fail(`is answered ${String(answer)} to ${number}`);
    if (!this.handled[number]) this.#fail(`is answered to ${number}, which nobody handled`);
  }

  /** Leaves on purpose: what the server has not yet may be lost, as with anybody who leaves. */
  leave(): void {
    for (let number = 0; number < this.handled.length; number++) {
      if (!this.handled[number]) this.#doubted.add(number);
    }
    this.#left();
    this.socket.disconnect();
  }

  /** What the server did with one of its events. */
  wasHandled(number: number, session: ModelSession): void {
    const times = (this.handled[number] = (this.handled[number] ?? 0) + 1);
    if (times > 1 + (this.#resent.get(number) ?? 0)) this.#fail(`had ${number} handled ${times} times`);
    if (number <= session.lastHandled) this.#fail(`had ${number} handled behind ${session.lastHandled}`);
    session.lastHandled = number;
  }

  /** What it may hear before `connect` is of the socket that it is about to have. */
  #now(): ModelSession | undefined {
    this.session ??= this.#world.session(this.socket.id ?? "");
    return this.session;
  }

  /** Everything that was for it has come, and everything that it sent has been handled, or it was told. */
  check(): void {
    const { session } = this;
    if (!this.socket.connected || !session || session.isOver) this.#fail("is not connected");
    if (this.received !== session.expected.length)
      this.#fail(`got ${this.received} of ${session.expected.length} events`);
    if (this.pending > 0) this.#fail(`waits for ${this.pending} answers`);
    for (const [number, times = 0] of this.handled.entries()) {
      if (times === 0 && !this.#doubted.has(number)) this.#fail(`lost ${number} without a word`);
    }
    const errors = [...this.errors, ...this.place.errors];
    if (errors.length > 0) throw errors[0];
  }

  #listen(): void {
    const { socket } = this;
    socket.on("connect", () => {
      if (!this.#now()) this.#fail(`is ${socket.id}, whom the server does not know`);
      this.#world.note(`${this.number} is ${socket.id}`);
    });
    socket.on("disconnect", (reason) => {
      this.#left();
      this.#world.note(`${this.number} disconnected: ${reason}`);
    });
    socket.on("n", (number: number, more?: unknown) => this.#take(number, more));
    socket.on("$n", (number: number, more?: unknown) => this.#take(number, more));
    socket.on("q", async (number: number, answer: (number: number) => void) => {
      this.#take(number);
      if (this.#world.random() < 0.5) await this.#later();
      answer(2 * number);
    });
    socket.resumption.on("gap", ({ from, to }) => {
      this.#world.note(`${this.number} has a gap from ${from} to ${to}`);
      if (!this.#world.isTight) this.#fail("has a gap though there is room");
      const session = this.#now();
      if (from !== this.received + 1 || to < from || to > (session?.expected.length ?? 0))
        this.#fail(`has a gap from ${from} to ${to} behind ${this.received} of ${session?.expected.length}`);
      this.received = to;
      this.gaps++;
    });
    socket.resumption.on("lost", ({ reason, unconfirmed, resend }) => {
      const numbers = unconfirmed.map(({ data }) => Number(data[1]));
      this.#world.note(`${this.number} lost its session: ${reason}, in doubt ${numbers.join()}`);
      this.lost++;
      const isResent = this.#world.random() < 0.3;
      for (const number of numbers) {
        if (isResent) this.#resent.set(number, 1 + (this.#resent.get(number) ?? 0));
        // It may be lost once more before it leaves, and then it is told of once more.
        else this.#doubted.add(number);
      }
      if (isResent) resend();
    });
  }

  #take(number: number, more?: unknown): void {
    const session = this.#now();
    if (!session) this.#fail(`got ${number} without a session`);
    const wanted = session.expected[this.received];
    if (number !== wanted) this.#fail(`got ${number} where ${wanted} was to come (${session.id})`);
    if (more instanceof Uint8Array && more[0] !== (number & 255))
      this.#fail(`got other bytes with ${number}`);
    this.received++;
    this.heard++;
  }

  #left(): void {
    this.session = undefined;
    this.received = 0;
  }

  #next(): number {
    return this.handled.push(0) - 1;
  }

  #later(): Promise<void> {
    const { clock } = this.#world.network;
    return new Promise((resolve) => clock.setTimer(resolve, this.#world.random() * 500));
  }

  #fail(what: string): never {
    return this.#world.fail(`client ${this.number} ${what}`);
  }
}
