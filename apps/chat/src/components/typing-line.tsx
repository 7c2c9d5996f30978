import type { ReactElement } from "react";
import type { Typist } from "../chat-state.ts";

export function TypingLine({ typists }: { readonly typists: readonly Typist[] }): ReactElement {
  const names = typists.map(({ person }) => person.name);
  return (
    <p className="typing" data-testid="typing" data-active={names.length > 0} aria-live="polite">
      {names.length > 0 && (
        <>
          <span className="typing-dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {phrase(names)}
        </>
      )}
    </p>
  );
}

function phrase(names: readonly string[]): string {
  if (names.length === 1) return `${names[0] ?? ""} is typing`;
  if (names.length <= 3) return `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""} are typing`;
  return `${String(names.length)} people are typing`;
}
