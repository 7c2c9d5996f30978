import type { SocketStatus } from "@bowline/client";
import { useEffect, useState, useSyncExternalStore } from "react";
import type { ChatSocket } from "./use-chat.ts";

export interface Connection {
  readonly status: SocketStatus;
  /** One event there and back. */
  readonly rttMs: number | undefined;
  readonly retryNow: () => void;
}

const RTT_EVERY_MS = 4000;

export function useConnection(socket: ChatSocket): Connection {
  const status = useSyncExternalStore(socket.status.subscribe, () => socket.status.value);
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
