import type { ManagerState } from "@bowline/client";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { ChatSocket } from "./use-chat.ts";

/** What the page shows of the connection. */
export interface Status {
  /** `suspended`: the link broke, and it goes on when there is one again. `offline`: nobody tries. */
  readonly name: "connecting" | "online" | "suspended" | "offline";
  readonly transport?: string | undefined;
  /** Why the link broke. */
  readonly reason?: string | undefined;
  /** When the next attempt begins, by Date.now(). */
  readonly nextAttemptAt?: number | undefined;
}

export interface Connection {
  readonly status: Status;
  /** One event there and back. */
  readonly rttMs: number | undefined;
  readonly retryNow: () => void;
}

const RTT_EVERY_MS = 4000;

export function useConnection(socket: ChatSocket): Connection {
  const status = useStatus(socket);
  const rttMs = useRoundTrip(socket, status.name === "online", status.transport);
  return {
    status,
    rttMs,
    retryNow() {
      if (status.name === "offline") socket.connect();
      else socket.io.connect();
    },
  };
}

/** From the manager's own states. */
function useStatus(socket: ChatSocket): Status {
  const manager = useManagerState(socket);
  const connected = useConnected(socket);
  const wasOnline = useRef(false);
  if (connected) wasOnline.current = true;
  if (connected && manager.name === "connected") return { name: "online", transport: manager.transport };
  if (manager.name === "closed") return { name: "offline", reason: manager.reason };
  const name = wasOnline.current ? "suspended" : "connecting";
  if (manager.name !== "waiting") return { name };
  return { name, reason: manager.reason, nextAttemptAt: manager.retryAt };
}

function useManagerState(socket: ChatSocket): ManagerState {
  return useSyncExternalStore(
    (changed) => {
      socket.io.on("state", changed);
      return () => socket.io.off("state", changed);
    },
    () => socket.io.state,
  );
}

function useConnected(socket: ChatSocket): boolean {
  return useSyncExternalStore(
    (changed) => {
      socket.on("connect", changed);
      socket.on("disconnect", changed);
      return () => {
        socket.off("connect", changed);
        socket.off("disconnect", changed);
      };
    },
    () => socket.connected,
  );
}

function useRoundTrip(
  socket: ChatSocket,
  connected: boolean,
  transport: string | undefined,
): number | undefined {
  const [rttMs, setRtt] = useState<number>();
  useEffect(() => {
    setRtt(undefined);
    if (!connected) return undefined;
    const measure = async (): Promise<void> => {
      const start = performance.now();
      try {
        await socket.timeout(RTT_EVERY_MS).emitWithAck("rtt");
        setRtt(performance.now() - start);
      } catch {
        setRtt(undefined);
      }
    };
    void measure();
    const timer = setInterval(() => void measure(), RTT_EVERY_MS);
    return () => clearInterval(timer);
  }, [socket, connected, transport]);
  return rttMs;
}
