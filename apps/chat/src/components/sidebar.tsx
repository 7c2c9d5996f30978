import { useEffect, useState, type FormEvent, type ReactElement } from "react";
import { LIMITS, roomName } from "../../shared/events.ts";
import type { Chat } from "../use-chat.ts";
import { roomAddress } from "../use-room.ts";
import { Avatar } from "./avatar.tsx";
import { Icon } from "./icons.tsx";

interface Props {
  readonly chat: Chat;
  readonly open: boolean;
  readonly onClose: () => void;
}

/** Rooms, people and one's own name; on a narrow screen it slides over the room. */
export function Sidebar({ chat, open, onClose }: Props): ReactElement {
  useEffect(() => {
    if (!open) return undefined;
    const close = (event: KeyboardEvent): void => {
      if (event.key === "Escape") onClose();
    };
    addEventListener("keydown", close);
    return () => removeEventListener("keydown", close);
  }, [open, onClose]);
  return (
    <>
      {open && <div className="backdrop" onClick={onClose} />}
      <aside className="sidebar" id="sidebar" data-open={open}>
        <Rooms chat={chat} onChosen={onClose} />
        <People chat={chat} />
        <NameField name={chat.you.name} onName={chat.rename} />
      </aside>
    </>
  );
}

function Rooms({ chat, onChosen }: { readonly chat: Chat; readonly onChosen: () => void }): ReactElement {
  const [typed, setTyped] = useState("");
  const create = (event: FormEvent): void => {
    event.preventDefault();
    const name = roomName(typed);
    if (name === undefined) return;
    location.hash = roomAddress(name);
    setTyped("");
    onChosen();
  };
  const rooms = chat.rooms.some(({ name }) => name === chat.room)
    ? chat.rooms
    : [...chat.rooms, { name: chat.room, people: chat.people.length }];
  return (
    <nav aria-labelledby="rooms-title">
      <h2 id="rooms-title">Rooms</h2>
      <ul className="rooms" data-testid="rooms">
        {rooms.map(({ name, people }) => (
          <li key={name}>
            <a
              href={roomAddress(name)}
              aria-current={name === chat.room ? "page" : undefined}
              onClick={onChosen}
            >
              <span className="hash">#</span>
              <span className="ellipsis">{name}</span>
              {people > 0 && (
                <span className="count" aria-label={`${String(people)} here`}>
                  {people}
                </span>
              )}
            </a>
          </li>
        ))}
      </ul>
      <form className="inline-form" onSubmit={create}>
        <input
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          maxLength={LIMITS.room}
          aria-label="Name of a new room"
          placeholder="New room"
          data-testid="new-room"
        />
        <button type="submit" className="icon-button" aria-label="Open the room">
          <Icon name="plus" />
        </button>
      </form>
    </nav>
  );
}

function People({ chat }: { readonly chat: Chat }): ReactElement {
  const { people, you } = chat;
  return (
    <section aria-labelledby="people-title" className="people-section">
      <h2 id="people-title">Here now</h2>
      <ul className="people" data-testid="people">
        {people.map((person) => (
          <li key={person.id}>
            <Avatar person={person} />
            <span className="ellipsis">{person.name}</span>
            {person.id === you.id && <span className="you">you</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function NameField({
  name,
  onName,
}: {
  readonly name: string;
  readonly onName: (name: string) => void;
}): ReactElement {
  const [typed, setTyped] = useState(name);
  const save = (): void => {
    const next = typed.replace(/\s+/g, " ").trim();
    setTyped(next === "" ? name : next);
    if (next !== "" && next !== name) onName(next);
  };
  return (
    <form
      className="name-field"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <label htmlFor="name">Your name</label>
      <input
        id="name"
        data-testid="name"
        value={typed}
        maxLength={LIMITS.name}
        autoComplete="nickname"
        onChange={(event) => setTyped(event.target.value)}
        onBlur={save}
      />
    </form>
  );
}
