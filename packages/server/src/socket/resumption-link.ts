import type { EnginePacket } from "@bowline/protocol";
import type { AnySession } from "../engine/session-listener.ts";
import type { Connection } from "./connection.ts";
import type { Downlink } from "./resumption-downlink.ts";
import type { KeptReply } from "./resumption-reply-log.ts";

export function write(connection: Connection, packets: readonly EnginePacket[]): void {
  for (const packet of packets) connection.session.sendPacket(packet);
}

/** What a client missed that has so many events: events, if there are any to be had, and answers, each in its place. */
export function replay(
  connection: Connection,
  events: Downlink | undefined,
  received: number,
  replies: readonly KeptReply[],
): void {
  let next = 0;
  const writeReplies = (upTo: number): void => {
    for (let reply = replies[next]; reply && reply.behind <= upTo; reply = replies[++next]) {
      write(connection, reply.packets);
    }
  };
  events?.eachAfter(received, (number, packets) => {
    writeReplies(number - 1);
    write(connection, packets);
  });
  writeReplies(Infinity);
}

/** Bytes that wait for the peer to read. What only waits for the end of the turn says nothing of the peer, so it leaves first. */
export function backlogOf(session: AnySession, enoughToLook: number): number {
  const waiting = session.bufferedAmount;
  if (waiting <= enoughToLook) return waiting;
  session.flush();
  return session.bufferedAmount;
}
