import type { Server, Socket } from "@bowline/server";
import { pick } from "./random.ts";

/** What one receiver must see, in this order: numbers of the emits that reach it. */
export type Expected = Map<Socket, number[]>;

type Answer = (number: number) => void;

interface World {
  readonly io: Server;
  readonly sockets: readonly Socket[];
  /** Questions of the clients that wait for an answer, by socket. */
  readonly questions: ReadonlyMap<Socket, Answer[]>;
  readonly expected: Expected;
  readonly random: () => number;
}

interface Step {
  (world: World, number: number): void;
}

/** What is emitted: mostly text, now and then bytes, whose attachments are frames of their own. */
function payload(world: World, number: number): [number, ...unknown[]] {
  return world.random() < 0.25
    ? [number, { bytes: Buffer.from([number & 255]), more: [new Uint8Array(3)] }]
    : [number];
}

function expect(world: World, number: number, receives: (socket: Socket) => boolean): void {
  for (const socket of world.sockets) if (receives(socket)) world.expected.get(socket)?.push(number);
}

const inRoom =
  (...rooms: string[]) =>
  (socket: Socket): boolean =>
    rooms.some((room) => socket.rooms.has(room));

/** Every way of sending that there is; each says by itself who must get it. */
const STEPS: Readonly<Record<string, Step>> = {
  direct(world, number) {
    const socket = pick(world.random, world.sockets);
    expect(world, number, (other) => other === socket);
    socket.emit("n", ...payload(world, number));
  },
  directWithAck(world, number) {
    const socket = pick(world.random, world.sockets);
    expect(world, number, (other) => other === socket);
    socket.timeout(30_000).emit("n", ...payload(world, number), () => {});
  },
  answer(world, number) {
    const socket = pick(world.random, world.sockets);
    const answer = world.questions.get(socket)?.shift();
    if (!answer) return;
    expect(world, number, (other) => other === socket);
    answer(number);
  },
  everybody(world, number) {
    expect(world, number, () => true);
    world.io.emit("n", ...payload(world, number));
  },
  everybodyWithAck(world, number) {
    expect(world, number, () => true);
    world.io.timeout(30_000).emit("n", ...payload(world, number), () => {});
  },
  room(world, number) {
    expect(world, number, inRoom("odd"));
    world.io.to("odd").emit("n", ...payload(world, number));
  },
  union(world, number) {
    expect(world, number, inRoom("odd", "low"));
    world.io
      .to("odd")
      .to("low")
      .emit("n", ...payload(world, number));
  },
  except(world, number) {
    expect(world, number, (socket) => !inRoom("odd")(socket));
    world.io.except("odd").emit("n", ...payload(world, number));
  },
  sender(world, number) {
    const sender = pick(world.random, world.sockets);
    expect(world, number, (socket) => socket !== sender);
    sender.broadcast.emit("n", ...payload(world, number));
  },
  senderToRoom(world, number) {
    const sender = pick(world.random, world.sockets);
    expect(world, number, (socket) => socket !== sender && inRoom("low")(socket));
    sender.to("low").emit("n", ...payload(world, number));
  },
  ownRoom(world, number) {
    const socket = pick(world.random, world.sockets);
    expect(world, number, (other) => other === socket);
    world.io.to(socket.id).emit("n", ...payload(world, number));
  },
  membership(world) {
    const socket = pick(world.random, world.sockets);
    const room = pick(world.random, ["odd", "low"]);
    if (socket.rooms.has(room)) socket.leave(room);
    else socket.join(room);
  },
};

/** Some of the sockets are in rooms from the beginning. */
export function worldOf(io: Server, sockets: readonly Socket[], random: () => number): World {
  const questions = new Map(sockets.map((socket) => [socket, [] as Answer[]]));
  for (const socket of sockets) {
    socket.on("question", (answer) => void questions.get(socket)?.push(answer as Answer));
    if (random() < 0.5) socket.join("odd");
    if (random() < 0.5) socket.join("low");
  }
  return { io, sockets, questions, expected: new Map(sockets.map((socket) => [socket, []])), random };
}

/** Does one step at random. */
export function step(world: World, number: number): void {
  pick(world.random, Object.values(STEPS))(world, number);
}

export type { World };
export const STEP_NAMES: readonly string[] = Object.keys(STEPS);
