import { encodeHandshake } from "@bowline/protocol";
import { type EngineOptions, upgradesOf } from "./engine-options.ts";
import type { TransportName } from "./transport.ts";

const NOBODY = '{"sid":""';

/** The data of open packets (SPEC E5). All but the id is the same for every session on a transport, and encoded once. */
export class Opening {
  readonly #options: EngineOptions;
  readonly #rests = new Map<TransportName, string>();

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  data(sid: string, transport: TransportName): string {
    let rest = this.#rests.get(transport);
    if (rest === undefined) this.#rests.set(transport, (rest = this.#restOf(transport)));
    return `{"sid":${JSON.stringify(sid)}${rest}`;
  }

  #restOf(transport: TransportName): string {
    const { pingIntervalMs, pingTimeoutMs, maxPayload, extensions } = this.#options;
    const data = encodeHandshake({
      sid: "",
      upgrades: upgradesOf(this.#options, transport),
      pingInterval: pingIntervalMs,
      pingTimeout: pingTimeoutMs,
      maxPayload,
      ext: extensions, // which leaves no trace if there are none
    });
    return data.slice(NOBODY.length);
  }
}
