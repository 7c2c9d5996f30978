import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** A TCP proxy that can break links in the ways in which networks do. */
export class Proxy {
  readonly #listener: Server;
  readonly #target: number;
  readonly #pairs = new Set<Pair>();
  readonly #lost = new Set<Socket>();
  /** What may still go from the server to the clients, before all links break. */
  #allowance = Infinity;
  #isFrozen = false;
  #accepted: (() => void) | undefined;

  private constructor(target: number) {
    this.#target = target;
    this.#listener = createServer((client) => this.#accept(client));
  }

  static async to(target: number): Promise<Proxy> {
    const proxy = new Proxy(target);
    proxy.#listener.listen(0, "127.0.0.1");
    await once(proxy.#listener, "listening");
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#listener.address() as AddressInfo).port}`;
  }

  /** Every link is reset, at both ends. */
  cut(): void {
    for (const { client, server } of this.#pairs) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
    this.#pairs.clear();
  }

  /** The same, after so many more bytes went to the clients. */
  cutAfter(bytes: number): void {
    this.#allowance = bytes;
  }

  /** From now on nothing goes through, and neither end hears of it: not what is under way, and not new links. */
  freeze(): void {
    this.#isFrozen = true;
    for (const { client, server } of this.#pairs) {
      client.unpipe(server);
      for (const socket of [client, server]) {
        socket.removeAllListeners("data");
        socket.removeAllListeners("close");
        socket.pause();
        this.#lost.add(socket);
      }
    }
    this.#pairs.clear();
  }

  /** New links go through again; what froze stays lost. */
  thaw(): void {
    this.#isFrozen = false;
  }

  /** Somebody tries to connect. */
  accepted(): Promise<void> {
    return new Promise((resolve) => (this.#accepted = resolve));
  }

  close(): void {
    this.cut();
    for (const socket of this.#lost) socket.destroy();
    this.#listener.close();
  }

  #accept(client: Socket): void {
    client.on("error", () => {});
    this.#accepted?.();
    if (this.#isFrozen) {
      client.pause();
      this.#lost.add(client);
      return;
    }
    const server = connect(this.#target, "127.0.0.1");
    const pair = { client, server };
    this.#pairs.add(pair);
    server.on("error", () => {});
    client.pipe(server);
    server.on("data", (bytes: Buffer) => this.#forward(bytes, client));
    server.on("close", () => this.#end(pair, client));
    client.on("close", () => this.#end(pair, server));
  }

  #forward(bytes: Buffer, client: Socket): void {
    if (bytes.length < this.#allowance) {
      this.#allowance -= bytes.length;
      client.write(bytes);
      return;
    }
    const last = bytes.subarray(0, this.#allowance);
    this.#allowance = Infinity;
    // What was written still arrives; then the link is gone.
    client.end(last);
    this.cut();
  }

  #end(pair: Pair, other: Socket): void {
    this.#pairs.delete(pair);
    other.destroy();
  }
}
