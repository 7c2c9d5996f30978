import type { Encoded } from "./member.ts";
import type { SessionRest } from "./recovery-store.ts";
import type { AwayReceiver, ResumptionOwner } from "./resumption-home.ts";
import { Rooms } from "./rooms.ts";

/** With classic events: a client that is away, as far as it can be sent something. */
export class AwaySocket implements ResumptionOwner {
  readonly socket: ResumptionOwner["socket"];
  readonly #receiver: AwayReceiver;

  constructor({ id, rooms, data }: SessionRest, receiver: AwayReceiver) {
    // Nobody holds it who could be told that it is closed.
    this.socket = { id, rooms, data, _closed() {} };
    this.#receiver = receiver;
  }

  get id(): string {
    return this.socket.id;
  }

  get rooms(): ReadonlySet<string> {
    return this.socket.rooms;
  }

  /** What waited for answers ended with the socket. */
  askedUpTo(): readonly number[] {
    return [];
  }

  lostBehind(): void {}

  replyLost(): void {}

  take({ packets }: Encoded): void {
    this.#receiver._send(packets);
  }
}

/** Those of one namespace, by id and by room. */
export class AwaySockets {
  readonly byId: Map<string, AwaySocket> = new Map();
  readonly rooms: Rooms<AwaySocket> = new Rooms();

  enter(away: AwaySocket): void {
    this.byId.set(away.id, away);
    for (const room of away.rooms) if (room !== away.id) this.rooms.add(room, away);
  }

  leave(away: AwaySocket): void {
    if (!this.byId.delete(away.id)) return;
    for (const room of away.rooms) this.rooms.remove(room, away);
  }
}
