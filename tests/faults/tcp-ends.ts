import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** One end of a TCP connection, with all that reached it. */
export class TcpEnd {
  text = "";
  /** How the other end ended it; `undefined` while it has not. */
  ended: "fin" | "reset" | undefined;
  readonly #socket: Socket;
  #waiting: { readonly until: () => boolean; readonly resolve: () => void }[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes) => this.#changed(() => (this.text += bytes.toString("latin1"))));
    socket.on("end", () => this.#changed(() => (this.ended ??= "fin")));
    socket.on("error", () => this.#changed(() => (this.ended ??= "reset")));
  }

  send(text: string): void {
    this.#socket.write(text, "latin1");
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Settles when so much came. */
  async heard(text: string): Promise<void> {
    await this.#when(() => this.text === text);
  }

  async over(): Promise<"fin" | "reset" | undefined> {
    await this.#when(() => this.ended !== undefined);
    return this.ended;
  }

  #when(until: () => boolean): Promise<void> {
    if (until()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ until, resolve }));
  }

  #changed(change: () => void): void {
    change();
    for (const { until, resolve } of this.#waiting) if (until()) resolve();
    this.#waiting = this.#waiting.filter(({ until }) => !until());
  }
}

/** A listener whose ends the test plays. */
export class TcpServer {
  readonly #server: Server;
  readonly #ends: TcpEnd[] = [];
  #waiting: ((end: TcpEnd) => void)[] = [];

  private constructor() {
    this.#server = createServer((socket) => {
      const end = new TcpEnd(socket);
      const waiting = this.#waiting.shift();
      if (waiting) waiting(end);
      else this.#ends.push(end);
    });
  }

  static async open(): Promise<TcpServer> {
    const server = new TcpServer();
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Its end of the next connection; each is handed out once. */
  accept(): Promise<TcpEnd> {
    const end = this.#ends.shift();
    return end ? Promise.resolve(end) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    this.#server.close();
  }
}

/** Also when it is reset at once. */
export function dial(port: number): Promise<TcpEnd> {
  const socket = connect(port, "127.0.0.1");
  const end = new TcpEnd(socket);
  return new Promise((resolve) => {
    for (const event of ["connect", "error"]) socket.once(event, () => resolve(end));
  });
}
