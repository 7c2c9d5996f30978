import { afterEach, beforeEach, describe } from "vitest";
import type { Host, HostLink, HostOptions } from "../host/host.ts";
import { httpSuite } from "./host-http.suite.ts";
import { compressionSuite, nativeSuite } from "./host-native.suite.ts";
import { streamSuite } from "./host-stream.suite.ts";
import { turnSuite } from "./host-turn.suite.ts";
import { webSocketSuite } from "./host-websocket.suite.ts";
import type { HostWorld } from "./host-world.ts";
import { RecordingHandler } from "./recording-handler.ts";

/** What the suite needs of a host: one that is attached, and then listens on a free port of 127.0.0.1. */
export interface HostUnderTest {
  readonly name: string;
  /** Resolves with the port. */
  listen(attach: (host: Host) => void): Promise<number>;
}

/** The rules H1 to H30 on one host, with real connections. Needs vitest. */
export function hostSuite(host: HostUnderTest): void {
  describe(`host ${host.name}`, () => {
    const world = startEach(host, {});
    httpSuite(world);
    webSocketSuite(world);
    streamSuite(world);
    nativeSuite(world);
    turnSuite(world);
  });
  describe(`host ${host.name} with compression`, () => {
    compressionSuite(startEach(host, { compression: { threshold: 100 } }));
  });
}

/** A host of its own for each test. */
function startEach(host: HostUnderTest, options: Partial<HostOptions>): () => HostWorld {
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
        files: ["/io/file.js"],
        onError: (error) => errors.push(error),
        ...options,
      });
    });
    world = { port, handler, errors, stop: async () => link?.stop() };
  });
  afterEach(() => world.stop());
  return () => world;
}
