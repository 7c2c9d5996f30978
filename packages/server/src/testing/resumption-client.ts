import { jsonCodec, type Packet } from "@bowline/protocol";
import type { Gap, ResumptionReply } from "@bowline/protocol/internal";
import { type Heard, LinkClient } from "./link-client.ts";
import type { MemoryPeer } from "./memory-host.ts";

/**
 * The client's half of resumption, as small as it can be: it counts what comes and says what a test tells it to say.
 * What a correct client would do by itself (confirm, send again) is left to the test.
 */
export class ResumptionClient extends LinkClient {
  readonly key: string;
  readonly namespace: string;
  /** Counted events that came, or that it was told will not. */
  received = 0;
  attempt = 0;
  id: string | undefined;
  /** What stood in the last CONNECT. */
  reply: ResumptionReply | undefined;
  /** Control events since the last look, without their name. */
  control: unknown[][] = [];
  events: unknown[][] = [];
  answers: { readonly id: number; readonly data: readonly unknown[] }[] = [];
  /** Events, answers and control events as they came. */
  order: string[] = [];
  refusal: unknown;
  disconnects = 0;

  constructor(link: () => Promise<MemoryPeer>, key: string = "k".repeat(22), namespace = "/") {
    super(link);
    this.key = key;
    this.namespace = namespace;
  }

  /** A new link, whatever became of the last one, and CONNECT. */
  async connect({
    auth,
    ...request
  }: { auth?: object; a?: number; n?: number; s?: string; p?: number[] } = {}): Promise<this> {
    await this.open();
    this.attempt = request.a ?? this.attempt + 1;
    const n = request.n ?? (this.id === undefined ? undefined : this.received);
    const rs = {
      k: this.key,
      a: this.attempt,
      ...(n !== undefined && { n, s: request.s ?? this.id }),
      ...(request.p && { p: request.p }),
    };
    this.send({ type: "connect", namespace: this.namespace, data: { ...auth, $x: { rs } } });
    return this.read();
  }

  send(packet: Packet): this {
    for (const frame of jsonCodec().encode(packet))
      this.peer?.receive(typeof frame === "string" ? `4${frame}` : frame);
    return this;
  }

  emit(event: string, ...args: unknown[]): this {
    return this.send({ type: "event", namespace: this.namespace, data: [event, ...args] });
  }

  ask(id: number, event: string, ...args: unknown[]): this {
    return this.send({ type: "event", namespace: this.namespace, id, data: [event, ...args] });
  }

  answer(id: number, ...data: unknown[]): this {
    return this.send({ type: "ack", namespace: this.namespace, id, data });
  }

  confirm(): this {
    return this.emit("$", "a", this.received);
  }

  /** Events since the last look. */
  heard(): Heard[] {
    this.read();
    return this.events.splice(0);
  }

  /** Control events since the last look. */
  told(): Heard[] {
    this.read();
    return this.control.splice(0);
  }

  protected override take(packet: Packet): void {
    if (packet.type === "connect") {
      const { sid, $x } = packet.data as { sid: string; $x?: { rs: ResumptionReply } };
      this.id = sid;
      this.reply = $x?.rs;
      if (!this.reply?.ok) this.received = 0;
      if (this.reply?.gap) this.received = this.reply.gap.to;
    } else if (packet.type === "event") this.#takeEvent([...packet.data]);
    else if (packet.type === "ack") {
      this.answers.push({ id: packet.id, data: packet.data });
      this.order.push(`ack ${packet.id}`);
    } else if (packet.type === "disconnect") this.disconnects++;
    else this.refusal = packet.data;
  }

  #takeEvent(data: unknown[]): void {
    const name = String(data[0]);
    this.order.push(name === "$" ? `$ ${String(data[1])}` : name);
    if (name !== "$") {
      if (!name.startsWith("$~")) this.received++;
      this.events.push(data);
      return;
    }
    this.control.push(data.slice(1));
    if (data[1] === "g") this.received = (data[2] as Gap).to;
  }
}
