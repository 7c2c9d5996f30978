import { EventEmitter } from "node:events";
import { createAdapter } from "@socket.io/mongo-adapter";
import { BSON, type Collection } from "mongodb";
import { expect } from "vitest";
import { adapterSuite } from "./suite.ts";

type Document = Record<string, unknown>;

/**
 * What the adapter asks of a collection, in memory: a document that is inserted comes, through BSON and back, to all who
 * watch and are not its sender. The adapter is the real one; a MongoDB there is not.
 */
class MemoryCollection {
  readonly #inserted = new EventEmitter().setMaxListeners(0);
  #count = 0;

  insertOne(document: Document): Promise<{ insertedId: string }> {
    const bytes = BSON.serialize({ ...document, _id: `${++this.#count}` }, { ignoreUndefined: true });
    setImmediate(() => this.#inserted.emit("document", bytes));
    return Promise.resolve({ insertedId: `${this.#count}` });
  }

  watch([{ $match }]: [{ $match: { "fullDocument.uid": { $ne: string } } }]): EventEmitter {
    const stream = Object.assign(new EventEmitter(), { closed: false, close: (): Promise<void> => stop() });
    const tell = (bytes: Uint8Array): void => {
      const fullDocument = BSON.deserialize(bytes, { promoteBuffers: true });
      if (fullDocument["uid"] === $match["fullDocument.uid"].$ne) return;
      stream.emit("change", { operationType: "insert", fullDocument });
    };
    const stop = async (): Promise<void> => {
      stream.closed = true;
      this.#inserted.off("document", tell);
    };
    this.#inserted.on("document", tell);
    return stream;
  }
}

adapterSuite({
  name: "@socket.io/mongo-adapter",
  open: async () => {
    const collection = new MemoryCollection();
    return {
      adapterFor: () => createAdapter(collection as unknown as Collection),
      ready: (cluster) =>
        expect
          .poll(async () => Promise.all(cluster.servers.map(({ sockets }) => sockets.adapter.serverCount())))
          .toEqual([2, 2]),
      close: async () => {},
    };
  },
});
