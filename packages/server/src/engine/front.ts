import { RealtimeError } from "@bowline/protocol";
import type { HostHeaders, HostRequest, HostResponse } from "../host/host.ts";
import { type Cors, corsVerdict } from "./cors.ts";
import { type EngineMiddleware, runMiddlewares } from "./http-middleware.ts";
import { type EngineIncoming, incomingOf } from "./incoming.ts";
import type { Query } from "./query.ts";

/** It let a request through, with headers for the answer, or answered it. */
export type Passage = { readonly headers?: HostHeaders } | { readonly answer: HostResponse };

/** A middleware has answered, and the host drops this. */
const ANSWERED: HostResponse = { status: 200 };

/** What stands before the engine: CORS, then Express middleware. */
export class Front {
  readonly #cors: Cors | undefined;
  readonly #middlewares: EngineMiddleware[] = [];

  constructor(cors: Cors | undefined) {
    this.#cors = cors;
  }

  /** Whether nothing stands there. */
  get isOpen(): boolean {
    return this.#cors === undefined && this.#middlewares.length === 0;
  }

  use(middleware: EngineMiddleware): void {
    if (typeof middleware !== "function") {
      throw new RealtimeError("invalid_argument", "engine.use() takes a function (request, response, next)");
    }
    this.#middlewares.push(middleware);
  }

  /** Rejects when something there fails. */
  async pass(request: HostRequest, query: Query): Promise<Passage> {
    const incoming = (): EngineIncoming => incomingOf(request, query);
    const verdict = this.#cors && (await corsVerdict(this.#cors, request, incoming));
    if (verdict?.answer) return { answer: verdict.answer };
    if (this.#middlewares.length === 0) return verdict ? { headers: verdict.headers } : {};
    const { outgoing } = request;
    // Before the middleware, which may put others in their place.
    for (const [name, value] of Object.entries(verdict?.headers ?? {})) {
      outgoing.setHeader(name, value as string | string[]);
    }
    await runMiddlewares(this.#middlewares, incoming(), outgoing);
    return outgoing.headersSent ? { answer: ANSWERED } : {};
  }
}

export async function withHeaders(
  answer: HostResponse | Promise<HostResponse>,
  headers: HostHeaders | undefined,
): Promise<HostResponse> {
  const response = await answer;
  return headers ? { ...response, headers: { ...response.headers, ...headers } } : response;
}
