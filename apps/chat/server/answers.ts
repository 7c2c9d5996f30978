import { randomUUID } from "node:crypto";
import type { Message, Outcome, Person } from "../shared/events.ts";
import type { Assistant } from "./assistant.ts";
import type { ChatServer } from "./chat-server.ts";
import { Refusal } from "./check.ts";
import type { Room } from "./room.ts";

const AT_ONCE = 3;
const LONGEST = 8000;

interface Running {
  readonly room: string;
  readonly controller: AbortController;
}

/** The answers that are being written now. Each is an ordinary message of its room that grows token by token. */
export class Answers {
  readonly #io: ChatServer;
  readonly #assistant: Assistant;
  readonly #running = new Map<string, Running>();

  constructor(io: ChatServer, assistant: Assistant) {
    this.#io = io;
    this.#assistant = assistant;
  }

  checkFree(room: Room): void {
    const here = [...this.#running.values()].filter((running) => running.room === room.name);
    if (here.length >= AT_ONCE) {
      throw new Refusal(
        `${this.#assistant.info.name} is answering ${String(AT_ONCE)} questions here. Stop one, or wait.`,
      );
    }
  }

  async answer(room: Room, question: Message): Promise<void> {
    const id = randomUUID();
    const controller = new AbortController();
    this.#running.set(id, { room: room.name, controller });
    const history = room.history;
    const author: Person = { id: "assistant", name: this.#assistant.info.name };
    const audience = this.#io.to(room.channel);
    audience.emit("message", room.beginStream(id, author));
    let outcome: Outcome = "done";
    let note = "";
    try {
      let length = 0;
      for await (const token of this.#assistant.reply(question.text, history, controller.signal)) {
        controller.signal.throwIfAborted();
        room.appendText(id, token);
        audience.emit("assistant:token", id, token);
        length += token.length;
        if (length > LONGEST) break;
      }
    } catch (error) {
      outcome = controller.signal.aborted ? "stopped" : "failed";
      note = controller.signal.aborted ? String(controller.signal.reason) : readable(error);
    }
    this.#running.delete(id);
    room.endStream(id, outcome, note);
    audience.emit("assistant:end", id, outcome, note);
  }

  /** Anybody in the room may stop an answer; stopping one that has just ended is no error. */
  stop(room: string, id: string, by: Person): object {
    const running = this.#running.get(id);
    if (running?.room === room) running.controller.abort(`Stopped by ${by.name}`);
    return {};
  }
}

function readable(error: unknown): string {
  return error instanceof Error ? error.message : "The assistant failed.";
}
