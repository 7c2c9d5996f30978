import type { ReactElement } from "react";
import type { Chat } from "../use-chat.ts";

export function RoomHead({ chat }: { readonly chat: Chat }): ReactElement {
  const { room, people, assistant } = chat;
  return (
    <div className="room-head">
      <h1>
        <span className="hash">#</span>
        {room}
      </h1>
      <p data-testid="room-facts">
        {peopleHere(people.length)}
        {assistant !== undefined && (
          <span title={assistant.about}>
            {" · "}
            <strong>{assistant.name}</strong>, {assistant.about}
          </span>
        )}
      </p>
    </div>
  );
}

function peopleHere(count: number): string {
  if (count === 0) return "Joining…";
  return count === 1 ? "Only you here" : `${String(count)} people here`;
}
