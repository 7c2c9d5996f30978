import type { Socket } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Processes, type ProcessesOptions, until } from "./processes.ts";

type Pair = { readonly a: Socket; readonly b: Socket };

const heard = (client: Socket): Promise<unknown> =>
  new Promise((resolve) => client.once("said", (what: unknown) => resolve(what)));

/** The app of processes-app.mjs on an adapter of Socket.IO's, each of the two clients on a server of its own. */
export function processesSuite(name: string, options: () => Promise<ProcessesOptions>): void {
  describe.each([["websocket"], ["polling"]])(`${name}, over %s`, (transport) => {
    let processes: Processes;
    let pair: Pair;
    beforeAll(async () => {
      processes = await Processes.start(await options());
      pair = await processes.pair([transport]);
      for (const client of [pair.a, pair.b]) await client.emitWithAck("join", "room");
    });
    afterAll(() => processes.stop());

    test("[A4] a broadcast reaches the room on both servers, with bytes", async () => {
      const { a, b } = pair;
      const both = Promise.all([heard(a), heard(b)]);
      await a.emitWithAck("say", "room", { bytes: Buffer.from([1, 2, 3]) });
      expect(await both).toEqual(Array(2).fill({ bytes: Buffer.from([1, 2, 3]) }));
    });

    test("[A4] socket.to() leaves the sender out, and except() whom it names", async () => {
      const { a, b } = pair;
      const [first, seen] = [heard(b), [] as unknown[]];
      a.on("said", (what: unknown) => seen.push(what));
      await a.emitWithAck("say others", "room", "to the others");
      expect(await first).toBe("to the others");
      await a.emitWithAck("join", "deaf");
      const second = heard(b);
      await b.emitWithAck("say", "room", "to who hears");
      expect(await second).toBe("to who hears");
      const third = heard(a);
      await b.emitWithAck("say others", "deaf", "fence");
      await third;
      a.off("said");
      expect(seen).toEqual(["fence"]);
    });

    test("[A6] fetchSockets finds the sockets of both, with their rooms", async () => {
      const { a, b } = pair;
      const found = (await a.emitWithAck("sockets", "room")) as [string, string[]][];
      expect(found.map(([id]) => id).toSorted()).toEqual([`${a.id}`, `${b.id}`].toSorted());
      expect(found.every(([, rooms]) => rooms.includes("room"))).toBe(true);
    });

    test("[A5] the answers to a broadcast come from both", async () => {
      const { a, b } = pair;
      a.on("question", (n: number, answer: (text: string) => void) => answer(`a${n}`));
      b.on("question", (n: number, answer: (text: string) => void) => answer(`b${n}`));
      expect(((await b.emitWithAck("ask", "room")) as string[]).toSorted()).toEqual(["a1", "b1"]);
    });

    test("[A7] serverSideEmit asks the other server", async () => {
      const { a, b } = pair;
      expect(await a.emitWithAck("who")).toEqual([await b.emitWithAck("me")]);
    });

    test("[A6] socketsJoin, socketsLeave and disconnectSockets reach both", async () => {
      const { a, b } = pair;
      const inRoom = async (room: string): Promise<number> =>
        ((await b.emitWithAck("sockets", room)) as unknown[]).length;
      await a.emitWithAck("join all", "room", "other");
      await until(async () => (await inRoom("other")) === 2);
      await a.emitWithAck("leave all", "other", "room");
      await until(async () => (await inRoom("room")) === 0);
      const ends = [a, b].map((client) => new Promise((resolve) => client.once("disconnect", resolve)));
      void a.emit("end", "other", () => {});
      expect(await Promise.all(ends)).toEqual(["io server disconnect", "io server disconnect"]);
    });
  });
}
