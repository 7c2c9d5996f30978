import { io, RealtimeError, type Socket } from "@bowline/client";
import { useEffect, useMemo, useReducer, useRef } from "react";
import type { ClientToServer, Draft, Image, ServerToClient } from "../shared/events.ts";
import { initialState, reduce, type ChatAction, type ChatState, type Outgoing } from "./chat-state.ts";
import { loadName, makeId, saveName, tabKey, transports, upgradeInterval } from "./settings.ts";
import { useRoomInAddress } from "./use-room.ts";

export type ChatSocket = Socket<ServerToClient, ClientToServer>;

export interface Chat extends ChatState {
  readonly socket: ChatSocket;
  readonly send: (text: string, image?: Image) => void;
  readonly resend: (outgoing: Outgoing) => void;
  readonly discard: (id: string) => void;
  readonly stop: (id: string) => void;
  readonly typing: () => void;
  readonly rename: (name: string) => void;
}

type Dispatch = (action: ChatAction) => void;

const ATTEMPTS = 5;
const TYPING_SHOWN_MS = 4000;
const TYPING_EVERY_MS = 2000;

/** The chat as the page needs it. Owns the socket: nothing else emits or listens to events of the chat. */
export function useChat(): Chat {
  const room = useRoomInAddress();
  const [state, dispatch] = useReducer(reduce, undefined, () => initialState(room, loadName()));
  const name = useRef(state.you.name);
  const socket = useMemo(() => openSocket(() => name.current), []);
  const typedAt = useRef(0);

  useEffect(() => listen(socket, dispatch), [socket]);
  useEffect(() => dispatch({ type: "entering", room }), [room]);
  useEffect(() => {
    const join = (): void => enter(socket, room, dispatch);
    if (socket.connected) join();
    socket.on("connect", join);
    // What will not come is in the room's history.
    socket.resumption.on("gap", join);
    return () => {
      socket.off("connect", join);
      socket.resumption.off("gap", join);
    };
  }, [socket, room]);

  return {
    ...state,
    socket,
    send(text, image) {
      const draft: Draft = { id: makeId(), room, text, ...(image === undefined ? {} : { image }) };
      typedAt.current = 0;
      void deliver(socket, draft, dispatch);
    },
    resend: ({ id, room: where, text, image }) =>
      void deliver(socket, { id, room: where, text, ...(image === undefined ? {} : { image }) }, dispatch),
    discard: (id) => dispatch({ type: "discarded", id }),
    stop: (id) => socket.emit("assistant:stop", room, id, () => undefined),
    typing() {
      if (Date.now() - typedAt.current < TYPING_EVERY_MS) return;
      typedAt.current = Date.now();
      // Worth nothing later, so it is not kept while the connection is away.
      socket.volatile.emit("typing", room);
    },
    rename(next) {
      name.current = next;
      saveName(next);
      dispatch({ type: "named", name: next });
      if (socket.connected) socket.emit("rename", next, () => undefined);
    },
  };
}

function openSocket(name: () => string): ChatSocket {
  const key = tabKey();
  return io({
    // Asked for at every connection, so that a new name also holds after a reconnection.
    auth: (send) => send({ key, name: name() }),
    transports,
    upgradeInterval,
  });
}

/** Listens for as long as the page uses the socket. Whatever message comes in, its author is told that it came. */
function listen(socket: ChatSocket, dispatch: Dispatch): () => void {
  socket.on("rooms", (rooms) => dispatch({ type: "rooms", rooms }));
  socket.on("people", (room, people) => dispatch({ type: "people", room, people }));
  socket.on("typing", (room, person) =>
    dispatch({ type: "typing", room, person, until: Date.now() + TYPING_SHOWN_MS }),
  );
  socket.on("message", (message) => {
    dispatch({ type: "message", message });
    if (!message.delivered) socket.emit("received", message.room, [message.id]);
  });
  socket.on("delivered", (ids) => dispatch({ type: "delivered", ids }));
  socket.on("assistant:token", (id, text) => dispatch({ type: "token", id, text }));
  socket.on("assistant:end", (id, outcome, note) => dispatch({ type: "ended", id, outcome, note }));
  socket.on("disconnect", () => dispatch({ type: "away" }));
  // In the order in which they were written. The server knows those that it has by their ids.
  socket.resumption.on("lost", (lost) => lost.resend());
  socket.on("connect_error", (error) => dispatch({ type: "notice", notice: error.message }));
  const sweep = setInterval(() => dispatch({ type: "quiet", now: Date.now() }), 1000);
  return () => {
    clearInterval(sweep);
    socket.off();
    socket.resumption.off("lost");
  };
}

function enter(socket: ChatSocket, room: string, dispatch: Dispatch): void {
  // A callback, since a promise goes on a moment later: the next token could come between the history and its use.
  socket.emit("join", room, (answer) => {
    if (!answer.ok) return dispatch({ type: "notice", notice: answer.error });
    dispatch({ type: "joined", joined: answer });
    const unseen = answer.history.filter(
      ({ delivered, author }) => !delivered && author.id !== answer.you.id,
    );
    if (unseen.length > 0)
      socket.emit(
        "received",
        room,
        unseen.map(({ id }) => id),
      );
  });
}

/**
 * Asks until the server answers. A link that breaks is no reason to ask again: the answer comes by the next one. But when
 * the server forgot the socket, nobody knows whether the message arrived.
 */
async function deliver(socket: ChatSocket, draft: Draft, dispatch: Dispatch): Promise<void> {
  dispatch({ type: "sending", outgoing: { ...draft, at: Date.now() } });
  for (let attempt = 0; attempt < ATTEMPTS && (attempt === 0 || socket.active); attempt += 1) {
    try {
      const answer = await socket.emitWithAck("message", draft);
      if (answer.ok)
        return dispatch({ type: "sent", id: draft.id, receipt: { seq: answer.seq, at: answer.at } });
      return dispatch({ type: "refused", id: draft.id, error: answer.error });
    } catch (error) {
      const { code, message } = RealtimeError.from(error, "disconnected", String(error));
      if (code === "reply_lost" || code === "disconnected") continue;
      return dispatch({ type: "refused", id: draft.id, error: message });
    }
  }
  dispatch({ type: "refused", id: draft.id, error: "The connection broke each time this was sent." });
}
