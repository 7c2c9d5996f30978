import type { ManagerState } from "@bowline/client";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { ChatSocket } from "./use-chat.ts";

export interface Connection {
  readonly state: "connecting" | "online" | "reconnecting" | "offline";
  readonly transport: "websocket" | "polling" | undefined;
  /** One event there and back. */
  readonly rttMs: number | undefined;
  /** When the next attempt begins, by Date.now(). */
  readonly retryAt: number | undefined;
  readonly reason: string | undefined;
  readonly retryNow: () => void;
}

const RTT_EVERY_MS = 4000;

/** How the socket is connected, from the manager's own states. */
export function useConnection(socket: ChatSocket): Connection {
  const manager = useManagerState(socket);
  const connected = useConnected(socket);
  const wasOnline = useRef(false);
  if (connected) wasOnline.current = true;
  const transport = manager.name === "connected" ? manager.transport : undefined;
  const rttMs = useRoundTrip(socket, connected, transport);

  let state: Connection["state"] = wasOnline.current ? "reconnecting" : "connecting";
  if (connected) state = "online";
  else if (manager.name === "closed") state = "offline";
  else if (manager.name === "waiting") state = "reconnecting";
  return {
    state,
    transport,
    rttMs,
    retryAt: manager.name === "waiting" ? manager.retryAt : undefined,
    reason: "reason" in manager ? manager.reason : undefined,
    retryNow() {
      if (manager.name === "waiting") socket.io.connect();
      else socket.connect();
    },
  };
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
