import type { ReactElement } from "react";
import type { Chat } from "../use-chat.ts";
import { Knot } from "./icons.tsx";

const QUESTIONS = [
  "Why does a bowline hold?",
  "What do the two ticks mean?",
  "What happens when the link drops?",
];

export function EmptyRoom({ chat }: { readonly chat: Chat }): ReactElement {
  if (!chat.joined) {
    return (
      <div className="empty" aria-busy="true">
        <p>Joining #{chat.room}…</p>
      </div>
    );
  }
  return (
    <div className="empty">
      <Knot />
      <h2>It is quiet in #{chat.room}</h2>
      <p>Say hello, drop a picture here, or share the address of this page. Or ask the assistant:</p>
      <ul>
        {QUESTIONS.map((question) => (
          <li key={question}>
            <button type="button" className="button" onClick={() => chat.send(`@bow ${question}`)}>
              {question}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
