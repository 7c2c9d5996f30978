import { randomUUID } from "node:crypto";
import { LIMITS, type Draft, type Message, type Outcome, type Person } from "../shared/events.ts";
import { Refusal } from "./check.ts";

const PICTURES_KEPT = 4;
const IDS_KEPT = 1000;

/** One room: its last messages and who is in it. In memory, and bounded in every direction. */
export class Room {
  readonly name: string;
  readonly epoch: string = randomUUID();
  #messages: Message[] = [];
  #seq = 0;
  /** Message id to author: a message that is sent again is known even after it left the history. */
  readonly #authors = new Map<string, string>();
  /** Somebody with two tabs is one person: each is here until the last of their sockets left. */
  readonly #present = new Map<string, Person>();
  /** Those of them whose link is broken, and who are not shown. */
  readonly #hidden = new Set<string>();

  constructor(name: string) {
    this.name = name;
  }

  /** Bowline puts every socket in a room of its own id; the prefix keeps people's room names apart from those. */
  get channel(): string {
    return `room:${this.name}`;
  }

  get history(): readonly Message[] {
    return this.#messages;
  }

  get people(): readonly Person[] {
    const shown = [...this.#present].filter(([socketId]) => !this.#hidden.has(socketId));
    const byId = new Map(shown.map(([, person]) => [person.id, person]));
    return [...byId.values()];
  }

  /** Nobody is here, nor expected back. */
  get isEmpty(): boolean {
    return this.#present.size === 0;
  }

  enter(socketId: string, person: Person): void {
    this.#present.set(socketId, person);
  }

  leave(socketId: string): void {
    this.#present.delete(socketId);
    this.#hidden.delete(socketId);
  }

  /** Says whether that is a change. */
  show(socketId: string, shown: boolean): boolean {
    if (shown) return this.#hidden.delete(socketId);
    if (!this.#present.has(socketId) || this.#hidden.has(socketId)) return false;
    this.#hidden.add(socketId);
    return true;
  }

  /** Adds a message once, however often it is sent; says whether it was new. */
  add(draft: Draft, author: Person): { readonly message: Message; readonly isNew: boolean } {
    const known = this.#authors.get(draft.id);
    if (known !== undefined && known !== author.id) throw new Refusal("That message id is in use.");
    const kept = known === undefined ? undefined : this.#messages.find((message) => message.id === draft.id);
    if (kept !== undefined) return { message: kept, isNew: false };
    const message: Message = { ...draft, seq: ++this.#seq, author, at: Date.now(), delivered: false };
    if (known !== undefined) return { message, isNew: false };
    this.#append(message);
    return { message, isNew: true };
  }

  /** Adds an empty message of the assistant, to be filled token by token. */
  beginStream(id: string, author: Person): Message {
    const base = { id, room: this.name, author, text: "", at: Date.now() };
    const message: Message = { ...base, seq: ++this.#seq, delivered: true, stream: "streaming" };
    this.#append(message);
    return message;
  }

  appendText(id: string, text: string): void {
    this.#update(id, (message) => ({ ...message, text: message.text + text }));
  }

  endStream(id: string, stream: Outcome, note: string): void {
    this.#update(id, (message) => ({ ...message, stream, note }));
  }

  /** Marks what somebody other than the author now has, and returns the ids for which that is news. */
  markDelivered(ids: readonly string[], reader: Person): readonly string[] {
    const news: string[] = [];
    for (const id of new Set(ids)) {
      this.#update(id, (message) => {
        if (message.delivered || message.author.id === reader.id) return message;
        news.push(id);
        return { ...message, delivered: true };
      });
    }
    return news;
  }

  #append(message: Message): void {
    this.#authors.set(message.id, message.author.id);
    for (const id of this.#authors.keys()) {
      if (this.#authors.size <= IDS_KEPT) break;
      this.#authors.delete(id);
    }
    this.#messages = [...this.#messages, message].slice(-LIMITS.history);
    const pictures = this.#messages.filter(hasPicture);
    for (const { id } of pictures.slice(0, -PICTURES_KEPT)) {
      this.#update(id, (old) => ({ ...old, image: "gone" }));
    }
  }

  #update(id: string, change: (message: Message) => Message): void {
    this.#messages = this.#messages.map((message) => (message.id === id ? change(message) : message));
  }
}

function hasPicture(message: Message): boolean {
  return message.image !== undefined && message.image !== "gone";
}
