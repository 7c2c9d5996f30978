import type { CloseReason, EnginePacket, EventName, Packet } from "@bowline/protocol";
import type { SessionRest } from "./recovery-store.ts";
import type { ResumptionPool } from "./resumption-pool.ts";

/** What a resumption needs of its namespace. Implemented by `Resumptions`. */
export interface ResumptionHome {
  readonly namespace: string;
  readonly pool: ResumptionPool;
  forget(key: string): void;
  /** @throws RealtimeError `unserializable` */
  encode(packet: Packet): EnginePacket[];
  failed(error: unknown, event: EventName, socketId: string): void;
  /** With classic events: stands for a socket whose client is away, in its rooms. */
  enterAway(rest: SessionRest, receiver: AwayReceiver): ResumptionOwner;
  leaveAway(owner: ResumptionOwner): void;
}

/** Takes what is sent to who is away. Implemented by `Resumption`. */
export interface AwayReceiver {
  /** @internal */
  _send(packets: readonly EnginePacket[]): void;
}

/** What a resumption goes on for. Implemented by the outbox of a socket, and by what stands for one that is away. */
export interface ResumptionOwner {
  readonly socket: {
    readonly id: string;
    readonly rooms: ReadonlySet<string>;
    readonly data: unknown;
    /** @internal */
    _closed(reason: CloseReason, details?: unknown): void;
  };
  /** Ids of the answers that it waits for, if the client has the questions when it has so many events. */
  askedUpTo(count: number): readonly number[];
  /** The client will not get what was sent behind so many events, questions among it. */
  lostBehind(count: number): void;
  /** That answer of the client's will not come any more. */
  replyLost(id: number): void;
}
