import type { CloseReason } from "@bowline/protocol";
import type { Connection } from "./connection.ts";

/** Of a resumption; the drawing is there. */
export type State =
  | { readonly name: "attached"; readonly connection: Connection }
  | { readonly name: "suspended"; readonly reason: CloseReason; readonly details: unknown }
  | { readonly name: "opening" | "dismissed" | "ended" };

export const NEXT: Readonly<Record<State["name"], readonly State["name"][]>> = {
  opening: ["attached", "ended"],
  attached: ["suspended", "ended"],
  suspended: ["attached", "dismissed", "ended"],
  dismissed: ["ended"],
  ended: [],
};

export const OPENING: State = { name: "opening" };
