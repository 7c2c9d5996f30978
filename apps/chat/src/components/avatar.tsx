import type { CSSProperties, ReactElement } from "react";
import type { Person } from "../../shared/events.ts";
import { Knot } from "./icons.tsx";

/** Initials on a colour that is the same for the same person on every page. */
export function Avatar({ person }: { readonly person: Person }): ReactElement {
  if (person.id === "assistant") {
    return (
      <span className="avatar avatar-assistant" aria-hidden="true">
        <Knot />
      </span>
    );
  }
  return (
    <span className="avatar" style={{ "--hue": hueOf(person.id) } as CSSProperties} aria-hidden="true">
      {initialsOf(person.name)}
    </span>
  );
}

function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter((word) => word !== "");
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters.map((word) => Array.from(word ?? "")[0]?.toUpperCase() ?? "").join("");
}

function hueOf(id: string): number {
  let hash = 0;
  for (const character of id) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  // Twelve hues that can be told apart.
  return (hash % 12) * 30;
}
