import { EventEmitter } from "node:events";
import {
  ClusterAdapterWithHeartbeat,
  type ClusterMessage,
  type ClusterResponse,
  type Offset,
  type ServerId,
} from "socket.io-adapter";
import { expect } from "vitest";
import { adapterSuite } from "./suite.ts";

/** An adapter as `@socket.io/cluster-adapter` and its like are written, over an emitter in this process. */
class BusAdapter extends ClusterAdapterWithHeartbeat {
  readonly #bus: EventEmitter;
  readonly #onMessage = (text: string): void => this.onMessage(JSON.parse(text, revive) as ClusterMessage);
  readonly #onResponse = (to: ServerId, text: string): void => {
    if (to === this.uid) this.onResponse(JSON.parse(text, revive) as ClusterResponse);
  };

  constructor(nsp: unknown, bus: EventEmitter) {
    super(nsp, {});
    this.#bus = bus;
    bus.on("message", this.#onMessage).on("response", this.#onResponse);
  }

  protected override doPublish(message: ClusterMessage): Promise<Offset> {
    this.#bus.emit("message", JSON.stringify(message));
    return Promise.resolve("");
  }

  protected override doPublishResponse(to: ServerId, response: ClusterResponse): Promise<void> {
    this.#bus.emit("response", to, JSON.stringify(response));
    return Promise.resolve();
  }

  override close(): void {
    super.close();
    this.#bus.off("message", this.#onMessage).off("response", this.#onResponse);
  }
}

function revive(_key: string, value: unknown): unknown {
  const { type, data } = Object(value) as { type?: unknown; data?: unknown };
  return type === "Buffer" ? Buffer.from(data as number[]) : value;
}

adapterSuite({
  name: "ClusterAdapterWithHeartbeat",
  open: async () => {
    const bus = new EventEmitter();
    return {
      // Socket.IO constructs it, which cannot be done to an arrow function.
      adapterFor: () =>
        function (nsp: unknown) {
          return new BusAdapter(nsp, bus);
        },
      ready: (cluster) =>
        expect
          .poll(async () => Promise.all(cluster.servers.map(({ sockets }) => sockets.adapter.serverCount())))
          .toEqual([2, 2]),
      close: async () => {},
    };
  },
});
