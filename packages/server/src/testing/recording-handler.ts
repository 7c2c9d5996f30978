import type { Frame } from "@bowline/protocol";
import type {
  HostHandler,
  HostRequest,
  HostResponse,
  HostStream,
  HostStreamListener,
  Upgrade,
  WebSocketListener,
  WebSocketPeer,
} from "../host/host.ts";

export interface RecordedClose {
  readonly code: number;
  readonly error: Error | undefined;
}

/** One accepted WebSocket, with all that the host reported of it. */
export class RecordedPeer implements WebSocketListener {
  readonly peer: WebSocketPeer;
  readonly messages: Frame[] = [];
  readonly closes: RecordedClose[] = [];
  drains = 0;
  /** Called with every message, if a test has something to do with it. */
  onMessage: ((frame: Frame) => void) | undefined;
  #waiting: { readonly until: () => boolean; readonly resolve: () => void }[] = [];

  constructor(peer: WebSocketPeer) {
    this.peer = peer;
  }

  message(frame: Frame): void {
    this.messages.push(frame);
    this.#changed();
    this.onMessage?.(frame);
  }

  drain(): void {
    this.drains++;
    this.#changed();
  }

  closed(code: number, error?: Error): void {
    this.closes.push({ code, error });
    this.#changed();
  }

  async messagesOf(count: number): Promise<readonly Frame[]> {
    await this.when(() => this.messages.length >= count);
    return this.messages;
  }

  async close(): Promise<RecordedClose> {
    await this.when(() => this.closes.length > 0);
    return this.closes[0] as RecordedClose;
  }

  /** Settles when the condition holds; it is looked at after every report. */
  when(until: () => boolean): Promise<void> {
    if (until()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ until, resolve }));
  }

  #changed(): void {
    for (const waiter of this.#waiting) if (waiter.until()) waiter.resolve();
    this.#waiting = this.#waiting.filter(({ until }) => !until());
  }
}

/** One answer that goes on, with all that the host reported of it. */
export class RecordedStream implements HostStreamListener {
  readonly stream: HostStream;
  /** `"drain"` and `"closed"`, in their order. */
  readonly reports: string[] = [];
  /** Called with every report, if a test has something to do with it. */
  onReport: ((report: string) => void) | undefined;
  #waiting: { readonly until: () => boolean; readonly resolve: () => void }[] = [];

  constructor(stream: HostStream) {
    this.stream = stream;
  }

  drain(): void {
    this.#add("drain");
  }

  closed(): void {
    this.#add("closed");
  }

  /** Settles when there were so many of them. */
  reported(report: "drain" | "closed", times: number = 1): Promise<void> {
    return this.#when(() => this.reports.filter((one) => one === report).length >= times);
  }

  #when(until: () => boolean): Promise<void> {
    if (until()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ until, resolve }));
  }

  #add(report: string): void {
    this.reports.push(report);
    for (const waiter of this.#waiting) if (waiter.until()) waiter.resolve();
    this.#waiting = this.#waiting.filter(({ until }) => !until());
    this.onReport?.(report);
  }
}

/** In the engine's place: answers as the test says and keeps what the host reports. */
export class RecordingHandler implements HostHandler {
  readonly requests: HostRequest[] = [];
  readonly peers: RecordedPeer[] = [];
  answer: (request: HostRequest) => HostResponse | Promise<HostResponse> = () => ({
    status: 200,
    body: "hello",
  });
  /** An answer refuses; headers, or nothing, accept. */
  admit: (request: HostRequest) => Admission | Promise<Admission> = () => undefined;
  /** Called inside `open`, where the peer may be used already. */
  onOpen: ((recorded: RecordedPeer) => void) | undefined;
  #waiting: ((peer: RecordedPeer) => void)[] = [];
  #waitingForStreams: ((stream: RecordedStream) => void)[] = [];

  request(request: HostRequest): HostResponse | Promise<HostResponse> {
    this.requests.push(request);
    return this.answer(request);
  }

  upgrade(request: HostRequest): Upgrade | Promise<Upgrade> {
    this.requests.push(request);
    const admission = this.admit(request);
    return admission instanceof Promise
      ? admission.then((late) => this.#decide(late))
      : this.#decide(admission);
  }

  /** For `answer`: one that goes on. `opened` is called inside `open`. */
  streaming(response: HostResponse, opened?: (recorded: RecordedStream) => void): HostResponse {
    const open = (stream: HostStream): HostStreamListener => {
      const recorded = new RecordedStream(stream);
      opened?.(recorded);
      this.#waitingForStreams.shift()?.(recorded);
      return recorded;
    };
    return { ...response, open };
  }

  /** The next answer of `streaming` that the host opens. */
  nextStream(): Promise<RecordedStream> {
    return new Promise((resolve) => this.#waitingForStreams.push(resolve));
  }

  /** The next WebSocket that is accepted. */
  nextPeer(): Promise<RecordedPeer> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #decide(admission: Admission): Upgrade {
    if (admission?.refuse) return { accept: false, response: admission.refuse };
    return {
      accept: true,
      ...(admission?.headers && { headers: admission.headers }),
      open: (peer) => this.#open(peer),
    };
  }

  #open(peer: WebSocketPeer): WebSocketListener {
    const recorded = new RecordedPeer(peer);
    this.peers.push(recorded);
    this.onOpen?.(recorded);
    this.#waiting.shift()?.(recorded);
    return recorded;
  }
}

type Admission =
  | { readonly refuse?: HostResponse; readonly headers?: Readonly<Record<string, string>> }
  | undefined;
