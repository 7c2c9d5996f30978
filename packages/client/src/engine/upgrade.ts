import type { EngineOptions } from "./engine-options.ts";
import { WebSocketTransport } from "./transport-websocket.ts";
import type { PausableTransport, Transport } from "./transport.ts";

/** The server gives an upgrade as long. */
const UPGRADE_TIMEOUT_MS = 10_000;
const PROBE = "probe";

/**
 * Moves a session from polling to a WebSocket. Until the "5" is out polling is the session's transport, and whatever
 * goes wrong before leaves it so.
 *
 *   us                       server
 *   ws  2probe ───────────►
 *       ◄─────────────────── 3probe      and, on polling, noops until no GET is pending
 *   polling paused: both requests done
 *   ws  5 ────────────────►              from here on everything goes over the WebSocket
 *
 *   probing ── 3probe ──► pausing ── paused ──► done
 *      └──────── failed, cancelled ────┴─────────┘
 *
 * Returns how to cancel it.
 */
export function startUpgrade(
  options: EngineOptions,
  from: PausableTransport,
  sid: string,
  upgraded: (to: Transport) => void,
): () => void {
  const { env } = options;
  let state: "probing" | "pausing" | "done" = "probing";
  const done = (): void => {
    state = "done";
    env.clearTimer(timer);
  };
  const cancel = (): void => {
    const was = state;
    if (was === "done") return;
    done();
    to.close();
    if (was === "pausing") from.resume();
  };
  const timer = env.setTimer(cancel, UPGRADE_TIMEOUT_MS);
  const to = new WebSocketTransport(
    options,
    {
      drain: () => void to.send([{ type: "ping", data: PROBE }]),
      packet: ({ type, data }) => {
        if (state !== "probing" || type !== "pong" || data !== PROBE) return cancel();
        state = "pausing";
        from.pause(() => {
          done();
          to.send([{ type: "upgrade", data: "" }]);
          upgraded(to);
        });
      },
      close: cancel,
    },
    sid,
  );
  return cancel;
}
