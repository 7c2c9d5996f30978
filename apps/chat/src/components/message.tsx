import type { ReactElement } from "react";
import type { Image, Person } from "../../shared/events.ts";
import type { Outgoing } from "../chat-state.ts";
import type { Chat } from "../use-chat.ts";
import { Avatar } from "./avatar.tsx";
import { Icon } from "./icons.tsx";
import { Picture } from "./picture.tsx";
import { RichText } from "./rich-text.tsx";

/** A message as it is shown, wherever it is on its way. */
export interface Shown {
  readonly id: string;
  readonly author: Person;
  readonly mine: boolean;
  readonly at: number;
  readonly text: string;
  readonly image?: Image | "gone";
  readonly status: "pending" | "sent" | "delivered" | "failed";
  readonly outgoing?: Outgoing;
  readonly stream?: "streaming" | "done" | "stopped" | "failed";
  readonly note?: string;
}

interface Props {
  readonly chat: Chat;
  readonly message: Shown;
  /** Begins a group of messages by one author. */
  readonly first: boolean;
}

const STATUS = {
  pending: ["clock", "Waiting for the server"],
  sent: ["check", "The server has it"],
  delivered: ["double", "Somebody in the room has it"],
  failed: ["warning", "Not sent"],
} as const;

export function Message({ chat, message, first }: Props): ReactElement {
  const { author, mine, status, stream, text, image } = message;
  return (
    <article
      className="message"
      data-testid="message"
      data-id={message.id}
      data-status={status}
      data-stream={stream}
      data-mine={mine}
      data-first={first}
      aria-busy={stream === "streaming"}
    >
      {!mine && first && <Avatar person={author} />}
      {first && (
        <p className="byline">
          <span className="author">{mine ? "You" : author.name}</span>
          {stream !== undefined && <span className="tag">assistant</span>}
          <Time at={message.at} />
        </p>
      )}
      <div className="bubble">
        {image === "gone" && <p className="gone">A picture that is no longer kept</p>}
        {image !== undefined && image !== "gone" && (
          <Picture image={image} alt={`Picture from ${author.name}`} />
        )}
        {(text !== "" || stream === "streaming") && (
          <p className="text">
            <RichText text={text} />
            {stream === "streaming" && <span className="cursor" aria-hidden="true" />}
          </p>
        )}
        {mine && <Ticks status={status} />}
      </div>
      <Foot chat={chat} message={message} />
    </article>
  );
}

function Ticks({ status }: { readonly status: Shown["status"] }): ReactElement {
  const [icon, words] = STATUS[status];
  return (
    <span className="ticks" title={words}>
      <Icon name={icon} />
      <span className="visually-hidden">{words}</span>
    </span>
  );
}

/** What can be done about a message, or what became of it. */
function Foot({ chat, message }: { readonly chat: Chat; readonly message: Shown }): ReactElement | null {
  const { outgoing, stream, note, id } = message;
  if (outgoing?.error !== undefined) {
    return (
      <p className="foot error" role="alert">
        {outgoing.error}{" "}
        <button type="button" className="link" onClick={() => chat.resend(outgoing)}>
          Try again
        </button>{" "}
        <button type="button" className="link" onClick={() => chat.discard(id)}>
          Discard
        </button>
      </p>
    );
  }
  if (stream === "streaming") {
    return (
      <p className="foot">
        <button type="button" className="button stop" data-testid="stop" onClick={() => chat.stop(id)}>
          <Icon name="stop" />
          Stop
        </button>
      </p>
    );
  }
  if (note === undefined || note === "") return null;
  return <p className={stream === "failed" ? "foot error" : "foot"}>{note}</p>;
}

function Time({ at }: { readonly at: number }): ReactElement {
  const date = new Date(at);
  return (
    <time dateTime={date.toISOString()} title={date.toLocaleString()}>
      {date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}
    </time>
  );
}
