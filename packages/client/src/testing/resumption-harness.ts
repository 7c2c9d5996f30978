import type { Clock } from "@bowline/protocol/internal";
import type { ClientOptions } from "../options.ts";
import { type SocketHarness, socketHarness, type TestSocket } from "./socket-harness.ts";

/** A socket over a WebSocket whose other end, a server that speaks resumption, the test plays. */
export interface ResumptionHarness extends SocketHarness {
  /** The server agreed; what the resumption tells is logged too. */
  agreed(options?: ClientOptions, reply?: object): TestSocket;
  /** Another link, to such a server; gives what the client asks. */
  relink(): Promise<Record<string, unknown>>;
}

export function resumptionHarness(
  clock: Clock & { advance(byMs: number): Promise<void> },
): ResumptionHarness {
  const world = socketHarness(clock);
  return {
    ...world,
    agreed(options, reply) {
      const socket = world.make(options);
      socket.resumption.on("suspend", (reason) => world.log.push(`suspend ${reason}`));
      socket.resumption.on("resume", () => world.log.push("resume"));
      socket.resumption.on("gap", (gap) => world.log.push(gap));
      socket.resumption.on("lost", ({ reason, unconfirmed }) =>
        world.log.push([`lost ${reason}`, ...unconfirmed.map(({ data }) => data)]),
      );
      world.open();
      world.agree(reply);
      world.sent();
      world.log.length = 0;
      return socket;
    },
    async relink() {
      await clock.advance(3000);
      world.open();
      const [connect] = world.sent();
      const { $x } = JSON.parse(String(connect).slice(1)) as { $x: { rs: Record<string, unknown> } };
      return $x.rs;
    },
  };
}
