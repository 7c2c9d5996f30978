import type { Socket } from "@bowline/server";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { seeded } from "../order/random.ts";
import { changeNetwork, type Client, type HostName, next, secretsOf, settled, World } from "./world.ts";

/** All numbers of "n" events, in the order in which they came. */
function numbersOf(client: Client): number[] {
  const numbers: number[] = [];
  client.on("n", (number: number) => numbers.push(number));
  return numbers;
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, number) => number);
}

/** What users of Socket.IO 4.8.4 complain of (X2 to X7, X12), with its own client. */
export function scenarios(host: HostName): void {
  describe.each(["websocket", "polling"] as const)(`stock client, ${host}, %s`, (transport) => {
    let world: World;
    beforeEach(async () => {
      world = await World.open(host, transport);
    });
    afterEach(async () => {
      await world.close();
    });

    /** Emits the next numbers, by all ways that reach this client. */
    function emitter(socket: Socket): (count: number) => void {
      let number = 0;
      const ways: ((n: number) => unknown)[] = [
        (n) => world.io.emit("n", n),
        (n) => world.io.to("room").emit("n", n),
        (n) => world.io.except("elsewhere").emit("n", n, Buffer.from([n & 255])),
        (n) => socket.emit("n", n),
        (n) => world.io.to(["room", socket.id]).emit("n", n, { text: "x".repeat(100) }),
      ];
      return (count) => {
        for (let done = 0; done < count; done++) ways[number % ways.length]?.(number++);
      };
    }

    test("[R2] X2 links that break again and again, at any byte: 100 % of the events, in order, once", async () => {
      const random = seeded(2);
      const { client, socket } = await world.enter();
      socket.join("room");
      const numbers = numbersOf(client);
      const emit = emitter(socket);
      const recovered: boolean[] = [];
      for (let round = 0; round < 20; round++) {
        const lost = next(client, "disconnect");
        void world.proxy.cutAfter(Math.floor(random() * 4_000));
        emit(20);
        // Enough to reach the byte at which it breaks.
        world.io.emit("ballast", "x".repeat(8_000));
        const back = lost.then(() => next(client, "connect"));
        await lost;
        emit(5);
        await back;
        recovered.push(client.recovered);
      }
      const done = next(client, "end");
      world.io.emit("end");
      await done;
      expect(numbers).toEqual(upTo(500));
      expect(recovered).toEqual(Array.from({ length: 20 }, () => true));
      expect(world.io.sockets.sockets.size).toBe(1);
    });

    test("[R2] a link that breaks while what was missed is on its way loses nothing and doubles nothing", async () => {
      const { client, socket } = await world.enter();
      const numbers = numbersOf(client);
      await settled(socket);
      const lost = next(client, "disconnect");
      world.proxy.cut();
      await lost;
      for (let number = 0; number < 50; number++) world.io.emit("n", number, "x".repeat(1_000));
      const done = next(client, "end");
      void world.proxy.cutAfter(20_000);
      world.io.emit("end");
      await done;
      expect(numbers).toEqual(upTo(50));
    });

    test("[R6] X3 a half-open link: the new connection takes over at once, nothing is lost, there is one socket", async () => {
      const { client, socket } = await world.enter();
      socket.join("room");
      socket.data = { name: "Ann" };
      const numbers = numbersOf(client);
      const emit = emitter(socket);
      const gone = next(socket, "disconnect");
      const arrived = next(world.io, "connection");
      emit(50);
      await settled(socket);
      world.proxy.freeze();
      emit(50);
      const back = next(client, "connect");
      await changeNetwork(world, client);
      emit(72);
      await back;
      const [fresh] = (await arrived) as [Socket];
      const [reason, details] = await gone;
      expect([reason, (details as Error).message]).toEqual([
        "forced close",
        "the client came back on another connection, which took over",
      ]);
      emit(28);
      const done = next(client, "end");
      world.io.emit("end");
      await done;
      expect(numbers).toEqual(upTo(200));
      expect([client.recovered, client.id, fresh.id, fresh.data]).toEqual([
        true,
        socket.id,
        socket.id,
        { name: "Ann" },
      ]);
      expect([...world.io.sockets.sockets.values()]).toEqual([fresh]);
      expect([...fresh.rooms]).toEqual([socket.id, "room"]);
      expect(world.io.engine.clientsCount).toBe(1);
    });

    test("[R3] X4 no event received before the drop: recovered", async () => {
      const { client, socket } = await world.enter();
      const numbers = numbersOf(client);
      expect(secretsOf(client).offset).toBe(undefined);
      await settled(socket);
      const lost = next(client, "disconnect");
      const back = next(client, "connect");
      world.proxy.cut();
      await lost;
      world.io.emit("n", 0);
      await back;
      const done = next(client, "end");
      world.io.emit("end");
      await done;
      expect([client.recovered, client.id === socket.id, numbers]).toEqual([true, true, [0]]);
    });

    test("[R1] X5 after a volatile event that ends in a string: recovered", async () => {
      const { client, socket } = await world.enter();
      const numbers = numbersOf(client);
      const heard = next(client, "v");
      world.io.emit("n", 0);
      await settled(socket);
      world.io.volatile.emit("v", "hello");
      expect((await heard)[0]).toBe("hello");
      await settled(socket);
      const lost = next(client, "disconnect");
      const back = next(client, "connect");
      world.proxy.cut();
      await lost;
      world.io.emit("n", 1);
      await back;
      const done = next(client, "end");
      world.io.emit("end");
      await done;
      expect([client.recovered, client.id === socket.id, numbers]).toEqual([true, true, [0, 1]]);
    });

    test("[R6] X7 the same session named twice: one owner, the earlier is closed with a reason", async () => {
      const { client, socket } = await world.enter();
      const numbers = numbersOf(client);
      const sentAway = next(client, "disconnect");
      const gone = next(socket, "disconnect");
      const { pid } = secretsOf(client);
      const other = world.client({ auth: { pid } });
      const others = numbersOf(other);
      await next(other, "connect");
      expect((await sentAway)[0]).toBe("io server disconnect");
      expect((await gone)[0]).toBe("forced close");
      expect([other.id, client.active, world.io.sockets.sockets.size]).toEqual([socket.id, false, 1]);
      const done = next(other, "end");
      world.io.emit("n", 0);
      world.io.emit("end");
      await done;
      expect([numbers, others]).toEqual([[], [0]]);
    });

    test("[S24] X12 what a client sends cannot end the process: the error reaches onError and the ack", async () => {
      const { client, socket } = await world.enter();
      socket.on("say", (message: { text: string }, answer: (text: string) => void) =>
        answer(message.text.trim()),
      );
      const refused: unknown = await client.timeout(5_000).emitWithAck("say", {});
      expect(refused).toEqual({ $error: { message: expect.any(String) as string } });
      expect(await client.timeout(5_000).emitWithAck("say", { text: " hi " })).toBe("hi");
      expect(world.errors.map(String)).toEqual([expect.stringContaining("TypeError")]);
    });
  });
}
