import { once } from "node:events";
import type { AdapterFactory } from "@bowline/server";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Cluster, type Kind } from "./cluster.ts";

export interface AdapterUnderTest {
  /** Makes the adapter of the server of that number. */
  adapterFor(index: number): AdapterFactory;
  /** Every server knows of every other. */
  ready(cluster: Cluster): Promise<void>;
  close(): Promise<void>;
}

export interface SuiteOptions {
  readonly name: string;
  open(): Promise<AdapterUnderTest>;
  readonly missing?: string | undefined;
  readonly pairs?: readonly (readonly Kind[])[];
}

const PAIRS: readonly (readonly Kind[])[] = [
  ["bowline", "bowline"],
  ["bowline", "stock"],
  ["stock", "bowline"],
];

const byText = (a: string, b: string): number => a.localeCompare(b);

/** What an adapter made for Socket.IO carries between servers, each of them of either library. */
export function adapterSuite({ name, open, missing, pairs = PAIRS }: SuiteOptions): void {
  describe.skipIf(missing).each(pairs.map((kinds) => [kinds.join(" beside "), kinds] as const))(
    `${name}, %s`,
    (_name, kinds) => {
      let adapters: AdapterUnderTest;
      let cluster: Cluster;

      beforeEach(async () => {
        adapters = await open();
        cluster = await Cluster.open(kinds, (index) => adapters.adapterFor(index));
        await adapters.ready(cluster);
      });

      afterEach(async () => {
        await cluster.close();
        await adapters.close();
        expect(cluster.errors).toEqual([]);
      });

      const here = () => cluster.servers[0]!;
      const there = () => cluster.sockets[1]!;

      it("[A4] broadcasts reach the clients of all servers", async () => {
        const heard = cluster.record("all", "room", "others", "but", "local");
        there().join("room");
        here().emit("all", 1, { two: [2] });
        here().to("room").emit("room");
        cluster.sockets[0]!.broadcast.emit("others");
        here().except("room").emit("but");
        here().local.emit("local");
        await cluster.settle();
        // Not in this order: some adapters publish first, and what is local overtakes the rest.
        const sorted = heard.map((events) => events.map((event) => JSON.stringify(event)).toSorted(byText));
        expect(sorted).toEqual([
          ['["all",1,{"two":[2]}]', '["but"]', '["local"]'],
          ['["all",1,{"two":[2]}]', '["others"]', '["room"]'],
        ]);
      });

      it("[A4] bytes travel as bytes", async () => {
        const arrived = cluster.clients.map((client) => once(client as never, "bytes") as Promise<unknown[]>);
        here().emit("bytes", { deep: [Buffer.from([1, 2, 255])] });
        for (const [argument] of await Promise.all(arrived)) {
          expect([...(argument as { deep: [Uint8Array] }).deep[0]]).toEqual([1, 2, 255]);
        }
      });

      it("[A5] answers to a broadcast come from all servers", async () => {
        for (const [index, client] of cluster.clients.entries()) {
          client.on("ask", (question: string, answer: (text: string) => void) =>
            answer(`${question} ${index}`),
          );
        }
        const answers: string[] = await here().timeout(5_000).emitWithAck("ask", "who");
        expect(answers.toSorted(byText)).toEqual(["who 0", "who 1"]);
      });

      it("[A5] who does not answer is missing, and the others are there", async () => {
        cluster.clients[1]!.on("ask", (answer: (text: string) => void) => answer("there"));
        await expect(here().timeout(300).emitWithAck("ask")).rejects.toMatchObject({
          message: "operation has timed out",
          responses: ["there"],
        });
      });

      it("[A6] fetchSockets gives those of other servers, and they can be spoken to", async () => {
        there().join(["room", "more"]);
        there().data.name = "ada";
        const found = await here().in("room").fetchSockets();
        expect(found.map(({ id, data, rooms }) => [id, data, [...rooms].toSorted(byText)])).toEqual([
          [there().id, { name: "ada" }, [there().id, "room", "more"].toSorted(byText)],
        ]);
        const [remote] = found;
        expect(remote!.handshake.query).toMatchObject({ EIO: "4", transport: "websocket" });
        expect((await here().fetchSockets()).map(({ id }) => id).toSorted(byText)).toEqual(
          cluster.sockets.map(({ id }) => id).toSorted(byText),
        );
        const said = once(cluster.clients[1] as never, "say") as Promise<unknown[]>;
        remote!.emit("say", "hi");
        expect(await said).toEqual(["hi"]);
        cluster.clients[1]!.on("ask", (answer: (text: string) => void) => answer("yes"));
        expect(await remote!.timeout(5_000).emitWithAck("ask")).toBe("yes");
        remote!.join("third");
        await expect.poll(() => there().rooms.has("third")).toBe(true);
        remote!.leave("third");
        await expect.poll(() => there().rooms.has("third")).toBe(false);
        remote!.disconnect();
        const [reason] = (await once(cluster.clients[1] as never, "disconnect")) as [string];
        expect(reason).toBe("io server disconnect");
      });

      it("[A6] socketsJoin, socketsLeave and disconnectSockets act on all servers", async () => {
        here().socketsJoin(["room", "more"]);
        await expect.poll(() => cluster.sockets.every(({ rooms }) => rooms.has("more"))).toBe(true);
        here().in("room").socketsLeave("more");
        await expect.poll(() => cluster.sockets.some(({ rooms }) => rooms.has("more"))).toBe(false);
        const gone = cluster.clients.map((client) => once(client as never, "disconnect"));
        here().in("room").disconnectSockets(true);
        await Promise.all(gone);
      });

      it("[A7] serverSideEmit reaches the other servers, and not this one", async () => {
        const heard: unknown[] = [];
        here().on("ping", () => heard.push("here"));
        const arrived = new Promise<unknown[]>((resolve) =>
          cluster.servers[1]!.on("ping", (...args: unknown[]) => resolve(args)),
        );
        here().serverSideEmit("ping", 1, { two: 2 });
        expect(await arrived).toEqual([1, { two: 2 }]);
        expect(heard).toEqual([]);
      });

      it("[A7] serverSideEmit is answered by the other servers", async () => {
        cluster.servers[1]!.on("ask", (question: string, answer: (text: string) => void) =>
          answer(`${question}!`),
        );
        expect(await here().serverSideEmitWithAck("ask", "who")).toEqual(["who!"]);
      });

      it("[A8] rooms of who leaves are gone, and each server knows how many there are", async () => {
        expect(await here().sockets.adapter.serverCount()).toBe(2);
        there().join("room");
        const { adapter } = cluster.servers[1]!.sockets;
        const { id } = there();
        expect([adapter.rooms.has("room"), adapter.sids.has(id)]).toEqual([true, true]);
        const gone = once(there() as never, "disconnect");
        cluster.clients[1]!.disconnect();
        await gone;
        expect([adapter.rooms.has("room"), adapter.sids.has(id)]).toEqual([false, false]);
        expect(await here().in("room").fetchSockets()).toEqual([]);
      });
    },
  );
}
