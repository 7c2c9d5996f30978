import type { Column } from "./column.ts";
import type { Row } from "./row.ts";
import { group as acks } from "./rows/acks.ts";
import { group as binary } from "./rows/binary.ts";
import { group as broadcast } from "./rows/broadcast.ts";
import { group as client } from "./rows/client.ts";
import { group as closing } from "./rows/closing.ts";
import { group as disconnects } from "./rows/disconnects.ts";
import { group as events } from "./rows/events.ts";
import { group as handshake } from "./rows/handshake.ts";
import { group as limits } from "./rows/limits.ts";
import { group as middleware } from "./rows/middleware.ts";
import { group as namespaces } from "./rows/namespaces.ts";
import { group as order } from "./rows/order.ts";
import { group as reconnection } from "./rows/reconnection.ts";
import { group as rooms } from "./rows/rooms.ts";

export const ROWS: readonly Row[] = [
  ...events,
  ...order,
  ...acks,
  ...binary,
  ...namespaces,
  ...handshake,
  ...middleware,
  ...rooms,
  ...broadcast,
  ...closing,
  ...disconnects,
  ...reconnection,
  ...limits,
  ...client,
];

/** `[interop] stock client → bowline server, uws, polling: nested binary survives in both directions` */
export function cellName(column: Column, row: Row): string {
  return `[interop] ${column.pairing}, ${column.host}, ${column.transport}: ${row.name}`;
}
