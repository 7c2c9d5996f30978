import type { Emitter } from "../emitter.ts";
import type { HostHeaders, HostRequest, HostResponse, Upgrade } from "../host/host.ts";
import { debug } from "./debug.ts";
import type { EngineEvents, MutableHeaders } from "./engine-events.ts";
import { incomingOf } from "./incoming.ts";
import type { Query } from "./query.ts";
import { messageOf, type Refusal, refusalResponse, upgradeRefusalResponse } from "./verify.ts";

const OK = 200;

/** Tells the listeners of an engine of answers and refusals. Makes nothing for them while there are none. */
export class Teller {
  readonly #engine: Emitter<EngineEvents>;

  constructor(engine: Emitter<EngineEvents>) {
    this.#engine = engine;
  }

  /** Lets listeners put their headers beside ours. `undefined` if there are none at all. */
  askForHeaders(ours: HostHeaders | undefined, request: HostRequest, query: Query): HostHeaders | undefined {
    if (!this.#isHeard) return ours;
    const headers = { ...ours } as MutableHeaders;
    const incoming = incomingOf(request, query);
    if (!query["sid"]) this.#engine._fire("initial_headers", [headers, incoming]);
    this.#engine._fire("headers", [headers, incoming]);
    return headers;
  }

  /** The answer to a request of a session, with what listeners put there. */
  answered(
    answer: HostResponse | Promise<HostResponse>,
    request: HostRequest,
    query: Query,
  ): HostResponse | Promise<HostResponse> {
    if (!this.#isHeard) return answer;
    const ask = (response: HostResponse): HostResponse => {
      // As in Engine.IO: of those that carry nothing nobody is told.
      if (response.status !== OK) return response;
      return { ...response, headers: { ...this.askForHeaders(response.headers, request, query) } };
    };
    return answer instanceof Promise ? answer.then(ask) : ask(answer);
  }

  refuseRequest(refusal: Refusal, request: HostRequest, query: Query): HostResponse {
    this.#refused(refusal, request, query);
    return refusalResponse(refusal);
  }

  refuseUpgrade(refusal: Refusal, request: HostRequest, query: Query): Upgrade {
    this.#refused(refusal, request, query);
    return { accept: false, response: upgradeRefusalResponse(refusal) };
  }

  get #isHeard(): boolean {
    return this.#engine._hears("headers") || this.#engine._hears("initial_headers");
  }

  #refused({ code, message, context }: Refusal, request: HostRequest, query: Query): void {
    debug("refused: %s %j", message, context);
    if (!this.#engine._hears("connection_error")) return;
    const req = incomingOf(request, query);
    this.#engine._fire("connection_error", [{ req, code, message: messageOf(code), context }]);
  }
}
