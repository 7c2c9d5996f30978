import { once } from "node:events";
import { type AddressInfo, connect, createServer, Socket } from "node:net";

/** A cable of one's own between client and server, on which anything can happen. */
export interface Link {
  readonly port: number;
  /** A poll has gone to the server and has no answer yet. */
  readonly pollPending: boolean;
  /** Destroys every TCP connection, as a broken network does; new ones are taken unless `refuse`. */
  cut(): void;
  /** From now on new connections are destroyed at once; `false` takes them again. */
  refuse(refused: boolean): void;
  /** Nothing passes any more, in neither direction, not even the end: a cable that was pulled. */
  stall(): void;
  close(): Promise<void>;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  /** Whether what went last was a GET, on its way to the server. */
  asked: boolean;
}

const IS_GET = /^GET [^ ]*transport=polling/;

export async function openLink(targetPort: number): Promise<Link> {
  const pairs = new Set<Pair>();
  let mode: "open" | "refused" | "stalled" = "open";
  const server = createServer((near) => {
    near.on("error", () => undefined);
    if (mode === "refused") near.destroy();
    // Held, so that it looks like a peer who is slow; `cut` and `close` destroy it.
    const far = mode === "open" ? connect(targetPort, "127.0.0.1") : new Socket();
    far.on("error", () => undefined);
    const pair = { near, far, asked: false };
    pairs.add(pair);
    if (mode === "open") join(pair, () => pairs.delete(pair));
    else near.pause();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = (): void => {
    for (const { near, far } of pairs) {
      near.destroy();
      far.destroy();
    }
    pairs.clear();
  };
  return {
    port: (server.address() as AddressInfo).port,
    get pollPending() {
      return [...pairs].some((pair) => pair.asked);
    },
    cut,
    refuse(refused) {
      mode = refused ? "refused" : "open";
    },
    stall() {
      mode = "stalled";
      for (const { near, far } of pairs) {
        for (const end of [near, far]) end.removeAllListeners("data").removeAllListeners("close").pause();
      }
    },
    async close() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}

function join(pair: Pair, gone: () => void): void {
  const { near, far } = pair;
  for (const [from, to] of [
    [near, far],
    [far, near],
  ] as const) {
    from.setNoDelay(true);
    from.on("data", (chunk: Buffer) => {
      pair.asked = from === near && IS_GET.test(chunk.toString("latin1", 0, 400));
      to.write(chunk);
    });
    from.on("close", () => {
      to.end();
      gone();
    });
  }
}
