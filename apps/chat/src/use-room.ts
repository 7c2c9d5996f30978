import { useSyncExternalStore } from "react";
import { DEFAULT_ROOMS, roomName } from "../shared/events.ts";

/** The room is in the address, so that an address can be shared and the back button works. */
export function useRoomInAddress(): string {
  return useSyncExternalStore(subscribe, current);
}

export function roomAddress(room: string): string {
  return `#${encodeURIComponent(room)}`;
}

function subscribe(changed: () => void): () => void {
  addEventListener("hashchange", changed);
  return () => removeEventListener("hashchange", changed);
}

function current(): string {
  return roomName(decode(location.hash.slice(1))) ?? DEFAULT_ROOMS[0] ?? "";
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
