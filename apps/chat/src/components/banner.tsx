import type { SocketStatus } from "@bowline/client";
import { useEffect, useState, type ReactElement } from "react";
import { transports } from "../settings.ts";
import type { Connection } from "../use-connection.ts";
import { Icon } from "./icons.tsx";

interface Props {
  readonly connection: Connection;
  readonly notice: string | undefined;
}

/** A link that is back sooner than this was away for nobody but us. */
const CALM_MS = 800;

/** Says what is unusual about the connection, and what can be done about it. Usually there is nothing to say. */
export function Banner({ connection, notice }: Props): ReactElement | null {
  const { status, retryNow } = connection;
  if (status.name === "suspended" || status.name === "connecting") {
    return <Away status={status} onRetry={retryNow} />;
  }
  if (status.name === "offline") {
    return (
      <div className="banner banner-warning" role="alert">
        <Icon name="warning" />
        <p>
          <strong>Disconnected</strong> ({notice ?? status.reason}). What you write is sent when you connect
          again.
        </p>
        <button type="button" className="button" onClick={retryNow}>
          Connect
        </button>
      </div>
    );
  }
  if (notice !== undefined) {
    return (
      <div className="banner banner-warning" role="alert">
        <Icon name="warning" />
        <p>{notice}</p>
      </div>
    );
  }
  if (status.transport !== "polling") return null;
  return (
    <div className="banner" role="status">
      <Icon name="warning" />
      <p>
        <strong>Connected by long-polling.</strong>{" "}
        {transports?.includes("websocket") === false
          ? "The address of this page leaves WebSocket out. "
          : "WebSocket and streams seem to be blocked between here and the server. "}
        Everything works, a little slower.
      </p>
    </div>
  );
}

interface AwayProps {
  readonly status: SocketStatus;
  readonly onRetry: () => void;
}

function Away({ status, onRetry }: AwayProps): ReactElement | null {
  const [lasts, setLasts] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLasts(true), CALM_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!lasts) return null;
  const { reason, nextAttemptAt } = status;
  return (
    <div className="banner" data-testid="away" title={reason}>
      <Icon name="clock" />
      <p>
        <strong>{reason === undefined ? "Connecting…" : "Reconnecting…"}</strong> Your messages are kept.{" "}
        {nextAttemptAt === undefined ? (
          <span className="nowrap">Trying now.</span>
        ) : (
          <Countdown until={nextAttemptAt} />
        )}
      </p>
      <button type="button" className="button" onClick={onRetry} disabled={nextAttemptAt === undefined}>
        Try now
      </button>
    </div>
  );
}

function Countdown({ until }: { readonly until: number }): ReactElement {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 200);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.ceil((until - now) / 1000));
  return (
    <span className="nowrap" data-testid="countdown">
      Next attempt in {seconds} s.
    </span>
  );
}
