import type { World } from "./world.ts";

/** What scenarios use of a response in `io.engine.use`. */
export interface Response {
  setHeader(name: string, value: string): void;
  writeHead(status: number, headers: Record<string, string>): void;
  end(body: string): void;
}

/** What they use of `socket.conn`. */
export interface Conn {
  readonly id: string;
  readonly readyState: string;
  readonly protocol: number;
  readonly upgraded: boolean;
  readonly remoteAddress: string;
  readonly transport: { readonly name: string };
  on(event: "packet" | "packetCreate", listener: (packet: { type: string; data?: unknown }) => void): void;
  on(event: "upgrading" | "upgrade", listener: (transport: { name: string }) => void): void;
  on(event: string, listener: (value: unknown) => void): void;
}

interface Refusal {
  readonly code: number;
  readonly message: string;
  readonly context: Record<string, unknown>;
  readonly req?: { readonly url?: string };
}

interface Reporting {
  readonly engine: { on(name: string, listener: (error: Refusal) => void): unknown };
}

/** Notes what `connection_error` tells of each refusal. */
export function reportErrors(world: World, { engine }: Reporting): void {
  engine.on("connection_error", ({ code, message, context, req }) =>
    world.note(
      "server",
      "connection_error",
      code,
      message,
      context["name"],
      Object.keys(context).toSorted(),
      typeof req?.url,
    ),
  );
}
