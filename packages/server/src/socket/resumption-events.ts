import type { Gap, ServerDisconnectReason, Untyped } from "@bowline/protocol";

/** What `socket.resumption` tells of. */
export interface ResumptionEvents {
  /** The link broke. The socket goes on, and what is sent is kept. */
  suspend: (reason: ServerDisconnectReason, details?: Untyped) => void;
  /** The client is back, and has what it missed; all but what a gap says. */
  resume: (how: { readonly gap?: Gap | undefined }) => void;
  /** The client was told that it will not get these events. */
  gap: (gap: Gap) => void;
}
