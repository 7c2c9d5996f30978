import type { EnginePacket } from "@bowline/protocol";
import type { Timer } from "@bowline/protocol/internal";
import type { EngineOptions } from "./engine-options.ts";
import { WebSocketTransport } from "./transport-websocket.ts";
import { end, type PausableTransport, type Transport, type UnderWay } from "./transport.ts";

/** The server gives an upgrade as long. */
const UPGRADE_TIMEOUT_MS = 10_000;
const PROBE = "probe";

// How far it has got. Numbers, because what is asked is how far.
const WAITING = 0;
const PROBING = 1;
const PAUSING = 2;
const SWITCHING = 3;

/**
 * Moves a session from HTTP to a WebSocket. Until the "5" is out `from` is the session's transport, and whatever goes
 * wrong before leaves it so, until the next attempt.
 *
 *   us                       server
 *   ws  2probe ───────────►
 *       ◄─────────────────── 3probe      and, on polling, noops until no GET is pending
 *   `from` at rest: the server has all that was sent
 *   ws  5 ────────────────►              from here on the server sends over the WebSocket, which is kept back until
 *   `from` over: a stream has come to its end
 *
 *   waiting ──► probing ── 3probe ──► pausing ── rested ──► switching ── over ──► it stays there
 *      ▲           └──── failed ─────────┤                      └── failed: the session ends
 *      └─────────────────────────────────┘
 */
export function startUpgrade(
  options: EngineOptions,
  from: PausableTransport,
  sid: string,
  upgraded: (to: Transport) => void,
): UnderWay {
  const { env, upgradeInterval, transportTimeout } = options;
  const kept: EnginePacket[] = [];
  let state = WAITING;
  let timer: Timer | undefined;
  let to: Transport | undefined;

  const enter = (next: number, then: () => void, afterMs: number): void => {
    state = next;
    env.clearTimer(timer);
    timer = env.setTimer(then, afterMs);
  };
  const fail = (): void => {
    to?.close();
    if (state === SWITCHING) return end(from, "transport error", "upgrade broke");
    // From the start of one attempt to the next, so that it takes no longer when there is a way again.
    if (state === PAUSING) enter(WAITING, again, upgradeInterval);
    state = WAITING;
    from.resume();
  };
  const rested = (isOver: boolean): void => {
    if (!to) return;
    if (state === PAUSING) to.send([{ type: "upgrade", data: "" }]);
    state = SWITCHING;
    if (!isOver) return;
    env.clearTimer(timer);
    upgraded(to);
    for (const packet of kept) to.listener.receive(packet);
  };
  const receive = (packet: EnginePacket): void => {
    if (state === SWITCHING) kept.push(packet);
    else if (state !== PROBING || packet.type !== "pong" || packet.data !== PROBE) fail();
    else {
      enter(PAUSING, fail, UPGRADE_TIMEOUT_MS);
      from.pause(rested);
    }
  };
  const drain = (): void => void to?.send([{ type: "ping", data: PROBE }]);
  const again = (): void => {
    if (state > PROBING) return;
    fail();
    enter(PROBING, again, Math.max(upgradeInterval, transportTimeout));
    to = new WebSocketTransport(options, { receive, drain, lose: fail }, sid);
  };
  const cancel = (): void => {
    fail();
    env.clearTimer(timer);
  };
  again();
  return { again, cancel };
}
