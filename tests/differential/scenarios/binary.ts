import type { Scenario } from "../scenario.ts";

export const binary: readonly Scenario[] = [
  {
    name: "ten attachments arrive, in both directions; eleven end the connection",
    async run(w) {
      const io = await w.serve();
      const buffers = (count: number): Buffer[] =>
        Array.from({ length: count }, (_, at) => Buffer.from([at]));
      io.on("connection", (socket) => {
        socket.on("ten", (list) => {
          w.note("server", "ten", list);
          socket.emit("ten", buffers(10));
        });
        socket.on("disconnect", (reason) => w.note("server", "disconnect", reason));
      });
      const client = await w.connect();
      w.record("client", client, "ten");
      client.on("disconnect", (reason) => w.note("client", "disconnect", reason));
      client.emit("ten", buffers(10));
      await w.seen("client", "ten");
      w.tried("client", "eleven", () => client.emit("ten", buffers(11)) === client);
      client.emit("ten", buffers(1));
      await Promise.race([w.seen("client", "disconnect"), w.seen("client", "ten", 2)]);
    },
  },
  {
    name: "kinds of bytes: Buffer, ArrayBuffer, views, nested, in acks, empty",
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket) => {
        socket.on("event", (...args) => {
          const answer = args.pop() as (...values: unknown[]) => void;
          w.note("server", "event", ...args);
          answer(Buffer.from([9]), new Uint16Array([513]), { deep: { list: [new Uint8Array(0).buffer] } });
        });
      });
      const client = await w.connect();
      const bytes = new Uint8Array([1, 2, 3, 4]);
      client.emit(
        "event",
        Buffer.from([1]),
        bytes.buffer,
        bytes.subarray(1, 3),
        { a: [new DataView(bytes.buffer, 2)], b: Buffer.alloc(0) },
        (...values: unknown[]) => w.note("client", "answer", ...values),
      );
      await w.seen("client", "answer");
    },
  },
  {
    name: "binary over polling: base64, both ways, with an ack",
    overPolling: false,
    async run(w) {
      const io = await w.serve();
      io.on("connection", (socket) => {
        socket.on("event", (bytes, answer) => {
          w.note("server", "event", bytes);
          answer([bytes, "text"]);
        });
      });
      const client = await w.connect("/", { transports: ["polling"] });
      client.emit("event", Buffer.from([0, 255, 30]), (value: unknown) => w.note("client", "answer", value));
      await w.seen("client", "answer");
    },
  },
];
