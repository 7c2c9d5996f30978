import type { CloseReason, Frame } from "@bowline/protocol";
import type { IncomingMessage } from "../host/host.ts";
import type { ConnectionInfo } from "./connection-info.ts";
import type { OutgoingPacket, TransportName } from "./transport.ts";

/** The layer above. What it throws goes to `onError`; it never reaches the transport or the host. */
export interface SessionListener {
  message(frame: Frame): void;
  /** Exactly once, and last. */
  close(reason: CloseReason, cause?: unknown): void;
  /** `writable` became true. */
  drain?(): void;
  upgrade?(name: TransportName): void;
}

/** Stands in the slot until there is a listener. */
export const DEAF: SessionListener = { message() {}, close() {} };

/** What the layer above needs of a session. Implemented by `Session`, and for other engines by `BoundSession`. */
export interface AnySession {
  readonly id: string;
  readonly info: ConnectionInfo;
  readonly state: string;
  /** Whether what is sent now can leave now. */
  readonly writable: boolean;
  /** Whether its open packet offered anything beyond Engine.IO. */
  readonly offers: boolean;
  /** Bytes that were sent and did not leave yet. */
  readonly bufferedAmount: number;
  readonly request: IncomingMessage;
  /** What users get as `socket.conn`. */
  readonly conn: object;
  listener: SessionListener;
  /** Does nothing unless the session is open. */
  sendPacket(packet: OutgoingPacket): void;
  /** What waits for the end of the turn leaves now, as far as the peer takes it. */
  flush(): void;
  /** Tells the listener at once; what was sent before still leaves, unless it is to be discarded. */
  close(discard?: boolean): unknown;
  /** Cuts the link at once: what was sent before and has not left is lost. Tells the listener. */
  abandon(): void;
}
