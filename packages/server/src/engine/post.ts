import {
  assertPacketCount,
  type CloseReason,
  decodePayload,
  type EnginePacket,
  RealtimeError,
} from "@bowline/protocol";
import type { HostRequest, HostResponse } from "../host/host.ts";
import { base64 } from "./base64.ts";

/** A body of bare separators would make half a million packets of a megabyte. */
const MAX_PACKETS_PER_BODY = 16_384;

// text/html, because some browsers offer text/plain answers of a form as a download.
export const POST_TAKEN: HostResponse = {
  status: 200,
  headers: { "Content-Type": "text/html", "cache-control": "no-store" },
  body: "ok",
};
export const BAD_REQUEST: HostResponse = { status: 400 };
export const NO_SUCH_METHOD: HostResponse = { status: 500 };
const TOO_LARGE: HostResponse = { status: 413 };

/** What a POST brings: packets, or what it is answered. */
export type Post = readonly EnginePacket[] | FailedPost;

export interface FailedPost {
  readonly answer: HostResponse;
  /** Why the session cannot go on, if it cannot. */
  readonly ends?: { readonly reason: CloseReason; readonly cause: unknown };
  /** The peer broke it off: nothing came of it. */
  readonly isCutOff?: boolean;
}

/** Whoever delivers what POSTs bring. */
export interface PostTarget {
  /** Whether packets are taken: it may close, or move away, at any of them. */
  isOpen(): boolean;
  packet(packet: EnginePacket): void;
  /** The peer said goodbye. */
  goodbye(): void;
}

export function isFailed(post: Post): post is FailedPost {
  return "answer" in post;
}

/** The body of a POST: packets as in a poll's answer. SPEC E12, E13. */
export async function readPost(request: HostRequest): Promise<Post> {
  // Engine.IO 3 had a binary payload. It must be answered, or the request hangs for ever (CVE-2026-59725).
  if (request.headers["content-type"]?.startsWith("application/octet-stream")) {
    return failed("transport error", new RealtimeError("bad_packet", "a binary payload"));
  }
  let body: Uint8Array;
  try {
    body = await request.body();
  } catch (error) {
    // The peer learns it from the status and decides; nothing was delivered, so nothing is inconsistent.
    if (error instanceof RealtimeError && error.code === "payload_too_large") return { answer: TOO_LARGE };
    return { ...failed("transport error", error), isCutOff: true };
  }
  try {
    const payload = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8");
    assertPacketCount(payload, MAX_PACKETS_PER_BODY);
    return decodePayload(payload, base64);
  } catch (error) {
    return failed("parse error", error);
  }
}

export function deliver(packets: readonly EnginePacket[], target: PostTarget): void {
  for (const packet of packets) {
    if (!target.isOpen()) break;
    if (packet.type === "close") target.goodbye();
    else target.packet(packet);
  }
}

function failed(reason: CloseReason, cause: unknown): FailedPost {
  return { answer: BAD_REQUEST, ends: { reason, cause } };
}
