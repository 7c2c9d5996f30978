import { expectTypeOf, test } from "vitest";
import type { ClientOptions as LeanOptions } from "./lean.ts";
import { type ClientOptions, io, type Manager, type Socket } from "./websocket.ts";

interface Events {
  said: (text: string) => void;
}

test("[C83] types of the client for WebSockets only", () => {
  const socket: Socket<Events> = io<Events>("https://a", {
    auth: { token: 1 },
    query: "a=1",
    protocols: ["b"],
  });
  expectTypeOf(io<Events>({ path: "/mine" })).toEqualTypeOf(socket);
  expectTypeOf(socket.io).toEqualTypeOf<Manager>();
  socket.on("said", (text) => expectTypeOf(text).toEqualTypeOf<string>());
  expectTypeOf<ClientOptions>().toExtend<LeanOptions>();
  // @ts-expect-error an option that nobody has, which at run time nobody looks for
  io({ reconection: true });
  // @ts-expect-error one of other transports
  io({ headStart: 300 });
  // @ts-expect-error one that only the whole client has
  io({ retries: 1 });
});
