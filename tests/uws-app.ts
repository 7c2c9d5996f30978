import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { Server } from "@bowline/server";

/** What our server takes, and what its user does with it besides. */
type App = Parameters<Server["attachApp"]>[0] & {
  listen(host: string, port: number, options: number, done: (token: unknown) => void): unknown;
  close(): unknown;
};

interface NativeModule {
  App(): App;
}

/** Without it two apps on one port would both "succeed". */
const EXCLUSIVE_PORT = 1;

const loaded: unknown = await import("uWebSockets.js").catch((error: unknown) => error);

/** Why tests on uWebSockets.js cannot run here, if they cannot. */
export const uwsMissing: string | undefined = isNative(loaded)
  ? undefined
  : `uWebSockets.js: ${String(loaded)}`;

function isNative(module: unknown): module is Partial<NativeModule> & { default?: NativeModule } {
  return typeof module === "object" && module !== null && ("App" in module || "default" in module);
}

export interface ListeningApp {
  readonly port: number;
  close(): void;
}

/** An app of the real uWebSockets.js, with what `attach` puts on it; 0 is any free port. Who attaches to it closes it. */
export async function listenUws(attach: (app: App) => unknown, port = 0): Promise<ListeningApp> {
  if (!isNative(loaded)) throw new Error(uwsMissing);
  const native = loaded.default ?? (loaded as NativeModule);
  const app = native.App();
  attach(app);
  for (let attempt = 0; attempt < 20; attempt += 1) {
    // Not 0: a port that uWS let the system choose cannot be listened on again soon, which some tests do.
    const wanted = port || (await freePort());
    const token = await new Promise<unknown>((resolve) =>
      app.listen("127.0.0.1", wanted, EXCLUSIVE_PORT, resolve),
    );
    if (token) return { port: wanted, close: () => void app.close() };
    if (port) break;
  }
  throw new Error(`port ${port} is taken`);
}

/** One that can be listened on at once, as long as nobody else takes it. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
