import type { Clock } from "@bowline/protocol/internal";
import type { ClientOptions, ErrorContext } from "../options.ts";
import { Manager } from "../socket/manager.ts";
import type { Socket } from "../socket/socket.ts";
import { acceptSocket, type FakeEnv, fakeEnv } from "./fake-env.ts";

export interface Events {
  [event: string]: (...args: unknown[]) => void;
}
export type TestSocket = Socket<Events, Events, Manager>;

/** A socket over a WebSocket whose other end the test plays. */
export interface SocketHarness {
  readonly env: FakeEnv;
  /** What `onError` got. */
  readonly errors: [unknown, ErrorContext][];
  /** The socket's own events, and what the test adds. */
  readonly log: unknown[];
  make(options?: ClientOptions, namespace?: string): TestSocket;
  connected(options?: ClientOptions): TestSocket;
  /** The engine connects and the server welcomes the main namespace. */
  welcome(): void;
  /** The engine connects to a server that speaks resumption. */
  open(): void;
  /** Such a server welcomes the main namespace; its reply may have more than a window of a minute. */
  agree(reply?: object): void;
  receive(...packets: string[]): void;
  lose(): void;
  /** What the client sent since the last call, without the engine's digit. */
  sent(): unknown[];
}

export function socketHarness(clock: Clock): SocketHarness {
  const env = fakeEnv(clock);
  const errors: [unknown, ErrorContext][] = [];
  const log: unknown[] = [];
  const harness: SocketHarness = {
    env,
    errors,
    log,
    make({ auth, ackTimeout, retries, ...options } = {}, namespace = "/") {
      const onError = (error: unknown, context: ErrorContext): void => void errors.push([error, context]);
      const manager = new Manager("http://server", { env, transports: ["websocket"], onError, ...options });
      const socket = manager.socket<Events, Events>(namespace, { auth, ackTimeout, retries });
      socket.on("connect", () => log.push("connect"));
      socket.on("disconnect", (reason) => log.push(`disconnect ${reason}`));
      socket.on("connect_error", (error) => log.push(error));
      return socket;
    },
    connected(options) {
      const socket = harness.make(options);
      harness.welcome();
      harness.sent();
      return socket;
    },
    welcome() {
      acceptSocket(env);
      harness.receive('0{"sid":"socket-id"}');
    },
    open: () => void acceptSocket(env, { ext: { rs: 1 } }),
    agree(reply) {
      const whole = { sid: "socket-id", $x: { rs: { w: 60_000, h: 0, ...reply } } };
      harness.receive(`0${JSON.stringify(whole)}`);
    },
    receive(...packets) {
      for (const packet of packets) env.socket().listener.message(`4${packet}`);
    },
    lose: () => env.socket().listener.close(1006, ""),
    sent: () =>
      env
        .socket()
        .sent.splice(0)
        .map((frame) => (typeof frame === "string" ? frame.slice(1) : frame)),
  };
  return harness;
}
