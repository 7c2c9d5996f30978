import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { BoundSession, type ForeignSocket } from "./bound-session.ts";

/** A socket of Engine.IO that tells its end as theirs does: at once if it is closed hard, else later. */
class TheirSocket extends EventEmitter {
  readonly id = "theirs";
  readyState = "open";
  readonly transport = { writable: true };
  readonly request = null;
  write(): void {}

  close(discard = false): void {
    this.readyState = discard ? "closed" : "closing";
    if (discard) this.emit("close", "forced close");
  }
}

test.each([[true], [false]])("[E45] the end is told once, whoever tells it (discard: %s)", (discard) => {
  const conn = new TheirSocket();
  const errors: unknown[] = [];
  const session = new BoundSession(conn as unknown as ForeignSocket, 0, (error) => errors.push(error));
  const ends: unknown[] = [];
  session.listener = { message() {}, close: (reason) => ends.push(reason) };
  session.close(discard);
  session.close(true);
  conn.emit("close", "transport close");
  expect([ends, session.state, errors]).toEqual([["forced close"], "closed", []]);
});
