/** What the page and the server say to each other. Both sides give these types to Bowline, which checks every emit. */

export const LIMITS = {
  text: 4000,
  name: 32,
  room: 32,
  history: 50,
  /** Long-polling writes bytes as base64, a third longer, and the server takes at most 1 MB at once. */
  imageBytes: 700_000,
} as const;

export const DEFAULT_ROOMS: readonly string[] = ["harbour", "knots", "open-sea"];

/** How a message asks the assistant. */
export const MENTION: RegExp = /(^|\s)@bow\b/i;

export interface Person {
  readonly id: string;
  readonly name: string;
}

export interface Image {
  readonly type: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array | ArrayBuffer;
}

export type Outcome = "done" | "stopped" | "failed";

export interface Message {
  /** Made by the author's page, so that sending again after a lost answer is recognised. */
  readonly id: string;
  /** The server's order within the room. */
  readonly seq: number;
  readonly room: string;
  readonly author: Person;
  readonly at: number;
  readonly text: string;
  /** Old pictures are let go before old words. */
  readonly image?: Image | "gone";
  /** Somebody other than the author has it. */
  readonly delivered: boolean;
  /** Only the assistant's messages have it. */
  readonly stream?: "streaming" | Outcome;
  readonly note?: string;
}

export interface Draft {
  readonly id: string;
  readonly room: string;
  readonly text: string;
  readonly image?: Image;
}

export interface RoomSummary {
  readonly name: string;
  readonly people: number;
}

export interface AssistantInfo {
  readonly name: string;
  readonly about: string;
}

export interface Joined {
  readonly you: Person;
  readonly room: string;
  /** Another one means that the server forgot the room since, and counts `seq` from the start again. */
  readonly epoch: string;
  readonly history: readonly Message[];
  readonly people: readonly Person[];
  readonly assistant: AssistantInfo;
}

/** Where the server put a message. */
export type Receipt = Pick<Message, "seq" | "at">;

export type Answer<T = object> = ({ readonly ok: true } & T) | { readonly ok: false; readonly error: string };

export interface ServerToClient {
  rooms: (rooms: readonly RoomSummary[]) => void;
  people: (room: string, people: readonly Person[]) => void;
  typing: (room: string, person: Person) => void;
  message: (message: Message) => void;
  delivered: (ids: readonly string[]) => void;
  "assistant:token": (id: string, text: string) => void;
  "assistant:end": (id: string, outcome: Outcome, note: string) => void;
}

export interface ClientToServer {
  join: (room: string, answer: (answer: Answer<Joined>) => void) => void;
  rename: (name: string, answer: (answer: Answer<{ readonly you: Person }>) => void) => void;
  message: (draft: Draft, answer: (answer: Answer<Receipt>) => void) => void;
  received: (room: string, ids: readonly string[]) => void;
  typing: (room: string) => void;
  "assistant:stop": (room: string, id: string, answer: (answer: Answer) => void) => void;
  /** Answered at once; the page times the way there and back. */
  rtt: (answer: () => void) => void;
}

/** The name a room gets from what somebody typed, or undefined when nothing usable is left of it. */
export function roomName(typed: string): string | undefined {
  const name = typed
    .normalize("NFC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "");
  return name.length > 0 && name.length <= LIMITS.room ? name : undefined;
}
