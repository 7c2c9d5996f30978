/** Which part of the stack ended the connection. */
export type CloseLayer = "transport" | "engine" | "socket";

export interface CloseRule<Reconnect extends boolean = boolean> {
  readonly layer: CloseLayer;
  /** Whether the client tries again by itself. */
  readonly reconnect: Reconnect;
}

/** The client tries again by itself. What needs one of these as a type has asked the table without carrying it. */
export type ReconnectReason =
  | "transport close"
  | "transport error"
  | "ping timeout"
  | "parse error"
  | "forced close"
  | "server shutting down"
  | "forced server close";

/** Someone left, or was sent away: until somebody connects again. */
export type FinalReason =
  | "client namespace disconnect"
  | "server namespace disconnect"
  | "io server disconnect"
  | "io client disconnect";

export type CloseReason = ReconnectReason | FinalReason;

/** Why a socket of the server ended: Socket.IO's list, so that a table over it is complete. */
export type ServerDisconnectReason = Exclude<CloseReason, `io ${string}`>;

/** Why a socket of the client ended. */
export type ClientDisconnectReason =
  | Extract<CloseReason, `io ${string}` | `transport ${string}`>
  | "ping timeout"
  | "parse error";

type Rules<Reason extends CloseReason, Reconnect extends boolean> = Readonly<
  Record<Reason, CloseRule<Reconnect>>
>;

/**
 * Every reason for which a connection or a socket ends, with what follows from it; both ends read this table, the
 * client by its types. The strings are Socket.IO's, which people know and match on. SPEC E20, S40.
 */
export const CLOSE_REASONS: Rules<ReconnectReason, true> & Rules<FinalReason, false> = {
  // Either end.
  "transport close": { layer: "transport", reconnect: true },
  "transport error": { layer: "transport", reconnect: true },
  "ping timeout": { layer: "engine", reconnect: true },
  "parse error": { layer: "engine", reconnect: true },
  "forced close": { layer: "engine", reconnect: true },
  // As the server sees it.
  "server shutting down": { layer: "socket", reconnect: true },
  "forced server close": { layer: "socket", reconnect: true },
  "client namespace disconnect": { layer: "socket", reconnect: false },
  "server namespace disconnect": { layer: "socket", reconnect: false },
  // As the client sees it.
  "io server disconnect": { layer: "socket", reconnect: false },
  "io client disconnect": { layer: "socket", reconnect: false },
};
