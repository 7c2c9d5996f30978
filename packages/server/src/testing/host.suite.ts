import { afterEach, beforeEach, describe } from "vitest";
import type { Host, HostLink } from "../host/host.ts";
import { httpSuite } from "./host-http.suite.ts";
import { webSocketSuite } from "./host-websocket.suite.ts";
import type { HostWorld } from "./host-world.ts";
import { RecordingHandler } from "./recording-handler.ts";

/** What the suite needs of a host: one that is attached, and then listens on a free port of 127.0.0.1. */
export interface HostUnderTest {
  readonly name: string;
  /** Resolves with the port. */
  listen(attach: (host: Host) => void): Promise<number>;
}

/** The rules H1 to H12 on one host, with real connections. Needs vitest. */
export function hostSuite(host: HostUnderTest): void {
  describe(`host ${host.name}`, () => {
    let world: HostWorld;
    beforeEach(async () => {
      const handler = new RecordingHandler();
      const errors: unknown[] = [];
      let link: HostLink | undefined;
      const port = await host.listen((attached) => {
        link = attached.start(handler, {
          path: "/io",
          maxPayload: 100_000,
          destroyUpgradeAfterMs: 50,
          onError: (error) => errors.push(error),
        });
      });
      world = { port, handler, errors, stop: async () => link?.stop() };
    });
    afterEach(() => world.stop());
    httpSuite(() => world);
    webSocketSuite(() => world);
  });
}
