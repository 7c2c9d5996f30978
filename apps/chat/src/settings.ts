import type { TransportName } from "@bowline/client";
import { LIMITS } from "../shared/events.ts";

export type Theme = "light" | "dark";

const query = new URLSearchParams(location.search);

/** `?transports=polling` restricts the connection, to see how the page behaves behind a strict proxy. */
export const transports: readonly TransportName[] | undefined = query
  .get("transports")
  ?.split(",")
  .filter((name) => name === "websocket" || name === "sse" || name === "polling");

/** `?upgradeInterval=1000`: how soon it tries again to move up to a WebSocket. */
export const upgradeInterval: number | undefined = Number(query.get("upgradeInterval")) || undefined;

export function makeId(): string {
  // Missing where the page is not served over HTTPS or from this computer.
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint32Array(5)), (part) =>
    part.toString(36).padStart(7, "0"),
  ).join("");
}

/** Proves to the server that a message is from the same tab as the one before. One per tab, so two tabs can talk. */
export function tabKey(): string {
  const key = read(sessionStorage, "key") ?? makeId();
  write(sessionStorage, "key", key);
  return key;
}

export function loadName(): string {
  // A name from the address is not kept: it is for trying two people in two tabs.
  const name = (query.get("name") ?? read(localStorage, "name") ?? "").trim().slice(0, LIMITS.name);
  if (name !== "") return name;
  const invented = inventName();
  saveName(invented);
  return invented;
}

export function saveName(name: string): void {
  write(localStorage, "name", name);
}

export function loadTheme(): Theme {
  const saved = read(localStorage, "theme");
  if (saved === "light" || saved === "dark") return saved;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

export function saveTheme(theme: Theme): void {
  write(localStorage, "theme", theme);
}

function inventName(): string {
  const pick = (words: readonly string[]): string => words[Math.floor(Math.random() * words.length)] ?? "";
  const manner = pick([
    "Amber",
    "Brisk",
    "Calm",
    "Misty",
    "Quiet",
    "Salty",
    "Silver",
    "Sunny",
    "Swift",
    "Windy",
  ]);
  return `${manner} ${pick(["Cormorant", "Dolphin", "Gannet", "Heron", "Otter", "Petrel", "Plover", "Puffin", "Seal", "Tern"])}`;
}

// Storage throws where cookies are blocked; the page works without it.
function read(storage: Storage, name: string): string | undefined {
  try {
    return storage.getItem(`bowline.${name}`) ?? undefined;
  } catch {
    return undefined;
  }
}

function write(storage: Storage, name: string, value: string): void {
  try {
    storage.setItem(`bowline.${name}`, value);
  } catch {
    return;
  }
}
