/*
 * Suites and doubles for whoever writes a host. The suites register tests: they need vitest, which is an optional peer
 * dependency of this entry only.
 */
export { FakeUwsApp, type FakeUwsAnswer, FakeUwsCall, type FakeUwsRequest } from "./testing/fake-uws.ts";
export { type FakeFrame, FakeUwsClient } from "./testing/fake-uws-socket.ts";
export { hostSuite, type HostUnderTest } from "./testing/host.suite.ts";
export type { HostWorld } from "./testing/host-world.ts";
export {
  call,
  clientFrame,
  type HttpAnswer,
  type HttpCall,
  RawClient,
  upgradeRequest,
  WebSocketClient,
} from "./testing/http-client.ts";
export { MemoryHost, MemoryPeer } from "./testing/memory-host.ts";
export { type RecordedClose, RecordedPeer, RecordingHandler } from "./testing/recording-handler.ts";
