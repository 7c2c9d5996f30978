import type { Host } from "@bowline/server";

type Handler = Parameters<Host["start"]>[0];
type Upgrade = Awaited<ReturnType<Handler["upgrade"]>>;
type Peer = Parameters<Extract<Upgrade, { accept: true }>["open"]>[0];
type Frame = Parameters<Peer["send"]>[0];

/** The frame of each peer that is held back until the one after it has left. */
const SWAPPED = 50;

/**
 * A host whose peers let two text frames change places, once each: a defect made on purpose, to see that the order
 * test finds it.
 */
export function swapping(host: Host): Host {
  return {
    name: host.name,
    start: (handler, options) =>
      host.start(
        {
          request: (request) => handler.request(request),
          upgrade: async (request) => {
            const upgrade = await handler.upgrade(request);
            return upgrade.accept ? { ...upgrade, open: (peer) => upgrade.open(swapOnce(peer)) } : upgrade;
          },
        },
        options,
      ),
  };
}

function swapOnce(peer: Peer): Peer {
  let sent = 0;
  let held: Frame | undefined;
  /** Only whole events change places: one with attachments is several frames. */
  const isWholeEvent = (frame: Frame): boolean => typeof frame === "string" && frame.startsWith('42["n"');
  return {
    get bufferedAmount() {
      return peer.bufferedAmount;
    },
    send(frame) {
      if (sent < SWAPPED && isWholeEvent(frame) && ++sent === SWAPPED) {
        held = frame;
        return;
      }
      if (held === undefined || !isWholeEvent(frame)) return peer.send(frame);
      peer.send(frame);
      peer.send(held);
      held = undefined;
    },
    close: (code, reason) => peer.close(code, reason),
    terminate: () => peer.terminate(),
  };
}
