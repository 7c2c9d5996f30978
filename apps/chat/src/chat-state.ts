import type {
  AssistantInfo,
  Draft,
  Joined,
  Message,
  Outcome,
  Person,
  Receipt,
  RoomSummary,
} from "../shared/events.ts";

/** A message of this page on its way: until the server answered for it, or for good if the server refused it. */
export interface Outgoing extends Draft {
  readonly at: number;
  readonly error?: string;
  /** Answered before the room was joined again; the history says where it stands. */
  readonly answered?: boolean;
  /** Somebody may have it before the page has the server's answer. */
  readonly delivered?: boolean;
}

export interface Typist {
  readonly person: Person;
  readonly until: number;
}

export interface ChatState {
  readonly room: string;
  /** False from the loss of the connection, or a change of rooms, until the room's history came. */
  readonly joined: boolean;
  readonly you: Person;
  /** Where `messages` come from; undefined until the room was joined for the first time. */
  readonly epoch: string | undefined;
  readonly messages: readonly Message[];
  /** What this page had before something was missed. */
  readonly earlier: readonly Message[];
  /** By the last message before it: what is missing there, and why. */
  readonly gaps: Readonly<Record<string, string>>;
  readonly outbox: readonly Outgoing[];
  readonly people: readonly Person[];
  readonly rooms: readonly RoomSummary[];
  readonly typists: readonly Typist[];
  readonly assistant: AssistantInfo | undefined;
  readonly notice: string | undefined;
}

export type ChatAction =
  | { readonly type: "entering"; readonly room: string }
  | { readonly type: "away" }
  | { readonly type: "joined"; readonly joined: Joined }
  | { readonly type: "rooms"; readonly rooms: readonly RoomSummary[] }
  | { readonly type: "people"; readonly room: string; readonly people: readonly Person[] }
  | { readonly type: "typing"; readonly room: string; readonly person: Person; readonly until: number }
  | { readonly type: "quiet"; readonly now: number }
  | { readonly type: "message"; readonly message: Message }
  | { readonly type: "delivered"; readonly ids: readonly string[] }
  | { readonly type: "token"; readonly id: string; readonly text: string }
  | { readonly type: "ended"; readonly id: string; readonly outcome: Outcome; readonly note: string }
  | { readonly type: "sending"; readonly outgoing: Outgoing }
  | { readonly type: "sent"; readonly id: string; readonly receipt: Receipt }
  | { readonly type: "refused"; readonly id: string; readonly error: string }
  | { readonly type: "discarded"; readonly id: string }
  | { readonly type: "named"; readonly name: string }
  | { readonly type: "notice"; readonly notice: string | undefined };

export function initialState(room: string, name: string): ChatState {
  return {
    room,
    joined: false,
    you: { id: "", name },
    epoch: undefined,
    messages: [],
    earlier: [],
    gaps: {},
    outbox: [],
    people: [],
    rooms: [],
    typists: [],
    assistant: undefined,
    notice: undefined,
  };
}

export function reduce(state: ChatState, action: ChatAction): ChatState {
  switch (action.type) {
    case "entering":
      return { ...initialState(action.room, ""), you: state.you, outbox: state.outbox, rooms: state.rooms };
    case "away":
      return { ...state, joined: false, typists: [] };
    case "joined":
      return action.joined.room === state.room ? joined(state, action.joined) : state;
    case "rooms":
      return { ...state, rooms: action.rooms };
    case "people":
      return action.room === state.room ? { ...state, people: action.people } : state;
    case "typing":
      return action.room === state.room ? typing(state, action) : state;
    case "quiet":
      return { ...state, typists: state.typists.filter(({ until }) => until > action.now) };
    case "message":
      return action.message.room === state.room ? received(state, action.message) : state;
    case "delivered":
      return delivered(state, action.ids);
    case "token":
      return change(state, [action.id], (message) => ({ ...message, text: message.text + action.text }));
    case "ended":
      return change(state, [action.id], (old) => ({ ...old, stream: action.outcome, note: action.note }));
    case "sending":
      return { ...state, outbox: [...without(state.outbox, action.outgoing.id), action.outgoing] };
    case "sent":
      return sent(state, action.id, action.receipt);
    case "refused":
      return { ...state, outbox: state.outbox.map((each) => refuse(each, action.id, action.error)) };
    case "discarded":
      return { ...state, outbox: without(state.outbox, action.id) };
    case "named":
      return { ...state, you: { ...state.you, name: action.name } };
    case "notice":
      return { ...state, notice: action.notice };
  }
}

/**
 * The server's history goes on where the page was, or it does not, and then the page says so: nothing disappears, and
 * nothing looks complete that is not.
 */
function joined(state: ChatState, { you, epoch, history, people, assistant }: Joined): ChatState {
  const known = new Set(history.map(({ id }) => id));
  const outbox = state.outbox.filter(({ id, answered }) => answered !== true && !known.has(id));
  const next = { ...state, joined: true, you, people, assistant, outbox, epoch, notice: undefined };
  const last = state.messages.at(-1);
  const gap = last === undefined ? undefined : gapBetween(state.epoch, last, epoch, history[0]);
  if (last === undefined || gap === undefined) {
    const before = state.messages.filter(({ id }) => !known.has(id));
    return { ...next, messages: [...before, ...history].sort((a, b) => a.seq - b.seq) };
  }
  const earlier = [...state.earlier, ...state.messages.map(cutShort)];
  return { ...next, messages: history, earlier, gaps: { ...state.gaps, [last.id]: gap } };
}

function gapBetween(
  oldEpoch: string | undefined,
  last: Message,
  epoch: string,
  first?: Message,
): string | undefined {
  if (epoch !== oldEpoch)
    return "The server forgot this room since. What is above is kept by this page alone.";
  const missed = first === undefined ? 0 : first.seq - last.seq - 1;
  return missed > 0
    ? `${String(missed)} messages came while you were away and are no longer kept.`
    : undefined;
}

function cutShort(message: Message): Message {
  if (message.stream !== "streaming") return message;
  return { ...message, stream: "failed", note: "The connection broke before the end of this answer." };
}

function received(state: ChatState, message: Message): ChatState {
  const typists = state.typists.filter(({ person }) => person.id !== message.author.id);
  return { ...state, messages: insert(state.messages, message), typists };
}

function sent(state: ChatState, id: string, receipt: Receipt): ChatState {
  const outgoing = state.outbox.find((each) => each.id === id);
  if (outgoing === undefined) return state;
  if (!state.joined && outgoing.room === state.room) {
    return {
      ...state,
      outbox: state.outbox.map((each) => (each.id === id ? { ...each, answered: true } : each)),
    };
  }
  const outbox = without(state.outbox, id);
  if (outgoing.room !== state.room) return { ...state, outbox };
  const message: Message = {
    ...outgoing,
    ...receipt,
    author: state.you,
    delivered: outgoing.delivered ?? false,
  };
  return { ...state, outbox, messages: insert(state.messages, message) };
}

function delivered(state: ChatState, ids: readonly string[]): ChatState {
  const outbox = state.outbox.map((each) => (ids.includes(each.id) ? { ...each, delivered: true } : each));
  return change({ ...state, outbox }, ids, (message) => ({ ...message, delivered: true }));
}

function typing(state: ChatState, { person, until }: Typist): ChatState {
  const others = state.typists.filter((typist) => typist.person.id !== person.id);
  return { ...state, typists: [...others, { person, until }] };
}

function refuse(outgoing: Outgoing, id: string, error: string): Outgoing {
  return outgoing.id === id ? { ...outgoing, error } : outgoing;
}

/** In the server's order, each message once. */
function insert(messages: readonly Message[], message: Message): readonly Message[] {
  if (messages.some(({ id }) => id === message.id)) return messages;
  return [...messages, message].sort((a, b) => a.seq - b.seq);
}

function without(outbox: readonly Outgoing[], id: string): readonly Outgoing[] {
  return outbox.filter((each) => each.id !== id);
}

function change(state: ChatState, ids: readonly string[], by: (message: Message) => Message): ChatState {
  return { ...state, messages: state.messages.map((each) => (ids.includes(each.id) ? by(each) : each)) };
}
