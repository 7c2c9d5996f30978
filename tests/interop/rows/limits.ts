import { expect } from "vitest";
import { dialBowline } from "../bowline-client.ts";
import type { Cell, Ends } from "../cell.ts";
import type { Row } from "../row.ts";
import { fence, inbox, once } from "../wait.ts";

const LIMIT = 10_000;
/** `42["up","…"]` */
const FRAME = '42["up",""]'.length;

/**
 * Whether it was sent. Ours is not: the client knows the limit, and tells its caller.
 */
async function sendTooLarge(cell: Cell, client: Ends["client"], data: unknown): Promise<boolean> {
  if (cell.setup.dial !== dialBowline) {
    client.emit("up", data);
    return true;
  }
  const refused = expect.objectContaining({ code: "payload_too_large" });
  expect(() => client.emit("up", data)).toThrow(refused);
  await fence(cell.io, client);
  expect(client.connected).toBe(true);
  return false;
}

const below: Row = {
  name: "a message of exactly maxHttpBufferSize arrives, and the server's own may be larger",
  server: { maxHttpBufferSize: LIMIT },
  async run(cell) {
    const { client, socket } = await cell.connect();
    const largest = "x".repeat(LIMIT - FRAME);
    const atServer = once(socket, "up");
    client.emit("up", largest);
    expect((await atServer)[0]).toBe(largest);
    const larger = "y".repeat(3 * LIMIT);
    const atClient = once(client, "down");
    socket.emit("down", larger);
    expect((await atClient)[0]).toBe(larger);
  },
};

const above: Row = {
  name: "a message larger than maxHttpBufferSize ends the connection with a reason on both ends, or is not sent",
  server: { maxHttpBufferSize: LIMIT },
  async run(cell) {
    const { client, socket } = await cell.connect();
    const reasons = [once(socket, "disconnect"), once(client, "disconnect")];
    const box = inbox(socket, "up");
    if (!(await sendTooLarge(cell, client, "x".repeat(LIMIT - FRAME + 1)))) return;
    const got = (await Promise.all(reasons)).map(([reason]) => reason);
    expect(got).toEqual(
      cell.settledTransport !== "websocket"
        ? ["transport close", "transport error"]
        : ["transport error", "transport close"],
    );
    expect(box.events).toEqual([]);
  },
};

const aboveInBytes: Row = {
  name: "the limit counts bytes, not characters",
  server: { maxHttpBufferSize: LIMIT },
  async run(cell) {
    const { client, socket } = await cell.connect();
    const gone = once(socket, "disconnect");
    if (!(await sendTooLarge(cell, client, "東".repeat(LIMIT / 2)))) return;
    await gone;
    expect(socket.connected).toBe(false);
  },
};

const binaryAbove: Row = {
  name: "an attachment larger than maxHttpBufferSize ends the connection",
  server: { maxHttpBufferSize: LIMIT },
  async run(cell) {
    const { client, socket } = await cell.connect();
    const reasons = [once(socket, "disconnect"), once(client, "disconnect")];
    if (!(await sendTooLarge(cell, client, Buffer.alloc(LIMIT + 1)))) return;
    for (const [reason] of await Promise.all(reasons)) expect(reason).toMatch(/^transport (close|error)$/);
  },
};

const othersGoOn: Row = {
  name: "one client's message over the limit does not touch another",
  server: { maxHttpBufferSize: LIMIT },
  async run(cell) {
    const good = await cell.connect();
    const bad = await cell.connect();
    const gone = once(bad.socket, "disconnect");
    if (await sendTooLarge(cell, bad.client, "x".repeat(2 * LIMIT))) await gone;
    await fence(cell.io, good.client);
    expect(good.socket.connected).toBe(true);
  },
};

export const group: readonly Row[] = [below, above, aboveInBytes, binaryAbove, othersGoOn];
