import { createHash } from "node:crypto";
import { MENTION, type Answer, type Joined, type Person } from "../shared/events.ts";
import { Answers } from "./answers.ts";
import type { Assistant } from "./assistant.ts";
import type { ChatServer, ChatSocket } from "./chat-server.ts";
import { checkDraft, checkId, checkKey, checkName, checkRoom, isIds, Refusal } from "./check.ts";
import type { Room } from "./room.ts";
import { Rooms } from "./rooms.ts";

/** How long somebody whose link broke is still shown: most are back before that. */
const GRACE_MS = 3000;

/** The chat: who is in which room, and what happens when they say something. */
export function serveChat(io: ChatServer, assistant: Assistant): void {
  const rooms = new Rooms();
  const answers = new Answers(io, assistant);

  io.use((socket, next) => {
    try {
      personOf(socket.handshake.auth);
      next();
    } catch (error) {
      next(error instanceof Error ? error : new Error("refused"));
    }
  });

  io.on("connection", (socket) => {
    const visit = new Visit(io, socket, rooms);
    socket.emit("rooms", rooms.summaries);
    socket.on("rtt", (answer) => {
      if (typeof answer === "function") answer();
    });
    socket.on("rename", (name, answer) => respond(answer, () => visit.rename(checkName(name))));
    socket.on("join", (name, answer) =>
      respond(answer, () => ({ ...visit.join(checkRoom(name)), assistant: assistant.info })),
    );
    socket.on("typing", (name) => visit.typing(name));
    socket.on("received", (name, ids) => visit.received(name, ids));
    socket.on("message", (value, answer) =>
      respond(answer, () => {
        const draft = checkDraft(value);
        const room = rooms.open(draft.room);
        const asks = MENTION.test(draft.text);
        if (asks) answers.checkFree(room);
        const { message, isNew } = room.add(draft, visit.person);
        if (isNew) socket.to(room.channel).emit("message", message);
        if (isNew && asks) void answers.answer(room, message);
        return { seq: message.seq, at: message.at };
      }),
    );
    socket.on("assistant:stop", (name, id, answer) =>
      respond(answer, () => answers.stop(checkRoom(name), checkId(id), visit.person)),
    );
    socket.on("disconnect", () => visit.leave());
    // Away is not gone: what is said in the room is kept for them, only their name is taken off.
    socket.resumption?.on("suspend", () => visit.away());
    socket.resumption?.on("resume", () => visit.back());
  });
}

/** One connection of somebody: who they are, and the room they look at. */
class Visit {
  person: Person;
  readonly #io: ChatServer;
  readonly #socket: ChatSocket;
  readonly #rooms: Rooms;
  #room: Room | undefined;
  /** Until somebody who is away is no longer shown. */
  #grace: NodeJS.Timeout | undefined;

  constructor(io: ChatServer, socket: ChatSocket, rooms: Rooms) {
    this.#io = io;
    this.#socket = socket;
    this.#rooms = rooms;
    this.person = personOf(socket.handshake.auth);
  }

  join(name: string): Omit<Joined, "assistant"> {
    const room = this.#rooms.open(name);
    if (room !== this.#room) this.leave();
    this.#room = room;
    room.enter(this.#socket.id, this.person);
    this.#socket.join(room.channel);
    this.#announce(room);
    return { you: this.person, room: name, epoch: room.epoch, history: room.history, people: room.people };
  }

  away(): void {
    this.#grace = setTimeout(() => this.#show(false), GRACE_MS);
  }

  back(): void {
    clearTimeout(this.#grace);
    this.#show(true);
  }

  leave(): void {
    clearTimeout(this.#grace);
    const room = this.#room;
    if (room === undefined) return;
    this.#room = undefined;
    room.leave(this.#socket.id);
    this.#socket.leave(room.channel);
    this.#announce(room);
  }

  rename(name: string): { you: Person } {
    this.person = { ...this.person, name };
    this.#room?.enter(this.#socket.id, this.person);
    if (this.#room !== undefined) this.#announce(this.#room);
    return { you: this.person };
  }

  // These two have no answer, so there is nobody to tell that they make no sense: they are left alone.

  typing(name: unknown): void {
    const room = this.#room;
    if (room !== undefined && room.name === name)
      this.#socket.to(room.channel).emit("typing", room.name, this.person);
  }

  received(name: unknown, ids: unknown): void {
    const room = this.#room;
    if (room === undefined || room.name !== name || !isIds(ids)) return;
    const news = room.markDelivered(ids, this.person);
    if (news.length > 0) this.#io.to(room.channel).emit("delivered", news);
  }

  #show(shown: boolean): void {
    if (this.#room?.show(this.#socket.id, shown)) this.#announce(this.#room);
  }

  #announce(room: Room): void {
    this.#io.to(room.channel).emit("people", room.name, room.people);
    this.#io.emit("rooms", this.#rooms.summaries);
  }
}

/** The key stays between one page and the server; the id made from it can be shown to everybody. */
function personOf(auth: Readonly<Record<string, unknown>>): Person {
  const key = checkKey(auth["key"]);
  const id = createHash("sha256").update(key).digest("base64url").slice(0, 16);
  return { id, name: checkName(auth["name"]) };
}

/** Whatever is wrong with a request becomes its answer. `answer` came over the wire too and may be anything. */
function respond<T extends object>(answer: ((answer: Answer<T>) => void) | undefined, work: () => T): void {
  const send = typeof answer === "function" ? answer : undefined;
  try {
    const result = work();
    send?.({ ok: true, ...result });
  } catch (error) {
    if (!(error instanceof Refusal)) console.error(error);
    send?.({
      ok: false,
      error: error instanceof Refusal ? error.message : "Something went wrong on the server.",
    });
  }
}
