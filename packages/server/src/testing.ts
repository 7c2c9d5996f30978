/*
 * Suites and doubles for whoever writes a host. The suites register tests: they need vitest, which is an optional peer
 * dependency of this entry only.
 */
export type {
  HostHandler,
  HostLink,
  HostOptions,
  HostResponse,
  HostStream,
  HostStreamListener,
  SendOptions,
  Upgrade,
  WebSocketListener,
  WebSocketPeer,
} from "./host/host.ts";
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
export { MemoryStream } from "./testing/memory-stream.ts";
export {
  type RecordedClose,
  RecordedPeer,
  RecordedStream,
  RecordingHandler,
} from "./testing/recording-handler.ts";
export { seeded } from "./testing/seeded.ts";
export { type StreamCall, StreamClient } from "./testing/stream-client.ts";
export { TestRequest, type TestRequestParts } from "./testing/test-request.ts";
// For tests that have the real ones on a network of theirs.
export { type QueuedFrame, queuedFrame, UwsPeer, type UwsPeerContext } from "./host/host-uws-peer.ts";
export { TurnFrames, TurnQueue } from "./host/turn-queue.ts";
export type { UwsBytes, UwsWebSocket } from "./host/uws-api.ts";
// For tests that break a rule of theirs, and see that it is missed.
export { Connection } from "./socket/connection.ts";
export { Downlink } from "./socket/resumption-downlink.ts";
export { Resumption } from "./socket/resumption.ts";
