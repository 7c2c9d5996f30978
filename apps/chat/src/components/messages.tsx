import { Fragment, useEffect, type ReactElement } from "react";
import type { Chat } from "../use-chat.ts";
import { useFollow } from "../use-follow.ts";
import { EmptyRoom } from "./empty-room.tsx";
import { Icon } from "./icons.tsx";
import { Message, type Shown } from "./message.tsx";

const GROUP_MS = 5 * 60_000;

/** The conversation. It follows the newest words, unless the reader has scrolled up to read something. */
export function Messages({ chat }: { readonly chat: Chat }): ReactElement {
  const shown = everything(chat);
  const { frame, content, following, follow, onScroll } = useFollow();
  const last = shown.at(-1);
  const ownLatest = last?.mine === true ? last.id : undefined;
  // One's own words are always worth seeing, and so is a room that was just entered.
  useEffect(() => follow(), [follow, ownLatest, chat.room]);
  return (
    <div className="messages-frame">
      <div
        ref={frame}
        className="messages"
        data-testid="messages"
        role="log"
        aria-live="polite"
        aria-label={`Messages in ${chat.room}`}
        tabIndex={0}
        onScroll={onScroll}
      >
        <div ref={content} className="messages-content">
          {shown.length === 0 && <EmptyRoom chat={chat} />}
          {shown.map((message, at) => (
            <Fragment key={message.id}>
              <Message chat={chat} message={message} first={beginsGroup(message, shown[at - 1])} />
              <Gap text={chat.gaps[message.id]} />
            </Fragment>
          ))}
        </div>
      </div>
      {!following && (
        <button type="button" className="button to-newest" onClick={follow}>
          <Icon name="down" />
          Newest
        </button>
      )}
    </div>
  );
}

function Gap({ text }: { readonly text: string | undefined }): ReactElement | null {
  if (text === undefined) return null;
  return (
    <p className="gap" data-testid="gap">
      {text}
    </p>
  );
}

/** What the server has, then what is still on its way there. */
function everything({ earlier, messages, outbox, room, you }: Chat): readonly Shown[] {
  const kept = [...earlier, ...messages].map((message): Shown => {
    const mine = message.author.id === you.id;
    return { ...message, mine, status: mine && !message.delivered ? "sent" : "delivered" };
  });
  const going = outbox
    .filter((outgoing) => outgoing.room === room)
    .map((outgoing): Shown => {
      const status = outgoing.error === undefined ? "pending" : "failed";
      return { ...outgoing, author: you, mine: true, status, outgoing };
    });
  return [...kept, ...going];
}

function beginsGroup(message: Shown, before: Shown | undefined): boolean {
  return before === undefined || before.author.id !== message.author.id || message.at - before.at > GROUP_MS;
}
