import type { CloseReason, Frame } from "@bowline/protocol";
import { type VirtualClock, virtualClock } from "@bowline/protocol/testing";
import type { ConnectionError } from "../engine/engine-events.ts";
import type { EngineOptions } from "../engine/engine-options.ts";
import { Engine } from "../engine/engine.ts";
import type { Session } from "../engine/session.ts";
import { captureRequest } from "../host/captured-response.ts";
import type { HostResponse } from "../host/host.ts";
import { MemoryPeer } from "./memory-host.ts";
import { MemoryStream } from "./memory-stream.ts";
import { TestRequest, type TestRequestParts } from "./test-request.ts";

/** A session with all that it reported. */
export interface RecordedSession {
  readonly session: Session;
  readonly messages: Frame[];
  readonly closes: { readonly reason: CloseReason; readonly cause: unknown }[];
  readonly upgrades: string[];
  drains: number;
}

/** Those of a server without options. */
export const DEFAULTS: EngineOptions = {
  pingIntervalMs: 25_000,
  pingTimeoutMs: 20_000,
  upgradeTimeoutMs: 10_000,
  maxPayload: 1_000_000,
  transports: ["polling", "websocket", "sse"],
  sse: { maxAgeMs: 300_000, maxBytes: 16 * 1024 * 1024 },
  allowUpgrades: true,
  cors: undefined,
  allowRequest: undefined,
  cookie: undefined,
  httpCompression: undefined,
  initialPacket: undefined,
};

/** An engine with a clock that stands still and peers without a network. */
export class EngineWorld {
  readonly clock: VirtualClock = virtualClock();
  readonly engine: Engine;
  readonly sessions: RecordedSession[] = [];
  /** Without the request. */
  readonly refused: Omit<ConnectionError, "req">[] = [];
  readonly errors: unknown[] = [];
  /** Called with every new session, inside the event. */
  onSession: ((recorded: RecordedSession) => void) | undefined;
  #ids = 0;

  constructor(options: Partial<EngineOptions> = {}) {
    const createId = (): string => `id-${++this.#ids}`;
    this.engine = new Engine(
      { ...DEFAULTS, ...options },
      {
        clock: this.clock,
        createId,
        wallClock: () => 1_700_000_000_000,
        createIncoming: (info) => captureRequest({ method: "GET", ...info }),
      },
      { session: (session) => this.#record(session), error: (error) => this.errors.push(error) },
    );
    this.engine.on("connection_error", ({ code, message, context }) => {
      this.refused.push({ code, message, context });
    });
  }

  async request(parts: TestRequestParts): Promise<HostResponse> {
    return this.engine.request(new TestRequest(parts));
  }

  /** A request of a polling session. */
  get(sid: string): Promise<HostResponse> {
    return this.request({ query: polling(sid) });
  }

  post(sid: string, body: string): Promise<HostResponse> {
    return this.request({ method: "POST", query: polling(sid), body });
  }

  async openPolling(): Promise<RecordedSession> {
    await this.request({ query: "EIO=4&transport=polling" });
    return this.#last();
  }

  /** A session over server-sent events; the open packet has been taken. */
  async openSse(): Promise<RecordedSession & { readonly stream: MemoryStream }> {
    const stream = await this.stream("EIO=4&transport=sse");
    await settle();
    stream.takeText();
    return { ...this.#last(), stream };
  }

  /** A GET whose answer goes on, and has begun. */
  async stream(query: string): Promise<MemoryStream> {
    return new MemoryStream(await this.request({ query })).open();
  }

  /** One that goes on where another one ended. */
  next(sid: string, from: number): Promise<MemoryStream> {
    return this.stream(`${sse(sid)}&from=${from}`);
  }

  /** A POST of a session over server-sent events. */
  postSse(sid: string, seq: number | string, body: string): Promise<HostResponse> {
    return this.request({ method: "POST", query: `${sse(sid)}&seq=${seq}`, body });
  }

  async connect(query: string): Promise<MemoryPeer> {
    const upgrade = await this.engine.upgrade(new TestRequest({ query }));
    if (!upgrade.accept)
      throw new Error(`refused: ${upgrade.response.status} ${String(upgrade.response.body)}`);
    const peer = new MemoryPeer();
    peer.listener = upgrade.open(peer);
    return peer;
  }

  /** A session that was born on a WebSocket; the open packet has been taken. */
  async openWebSocket(): Promise<RecordedSession & { readonly peer: MemoryPeer }> {
    const peer = await this.connect("EIO=4&transport=websocket");
    peer.takeSent();
    return { ...this.#last(), peer };
  }

  /** A WebSocket that wants to take over from polling. */
  upgrade(sid: string): Promise<MemoryPeer> {
    return this.connect(`EIO=4&transport=websocket&sid=${sid}`);
  }

  #record(session: Session): void {
    const recorded: RecordedSession = { session, messages: [], closes: [], upgrades: [], drains: 0 };
    session.listener = {
      message: (frame) => recorded.messages.push(frame),
      close: (reason, cause) => recorded.closes.push({ reason, cause }),
      drain: () => recorded.drains++,
      upgrade: (name) => recorded.upgrades.push(name),
    };
    this.sessions.push(recorded);
    this.onSession?.(recorded);
  }

  #last(): RecordedSession {
    const last = this.sessions.at(-1);
    if (!last) throw new Error("no session");
    return last;
  }
}

export function polling(sid: string): string {
  return `EIO=4&transport=polling&sid=${sid}`;
}

export function sse(sid: string): string {
  return `EIO=4&transport=sse&sid=${sid}`;
}

/** Sends a text message. */
export function say(session: Session, text: string): void {
  session.sendPacket({ type: "message", data: text });
}

/** Lets everything that is under way in microtasks come to rest. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
