import { useEffect, useState, type ReactElement } from "react";
import { transports } from "../settings.ts";
import type { Connection } from "../use-connection.ts";
import { Icon } from "./icons.tsx";

interface Props {
  readonly connection: Connection;
  readonly notice: string | undefined;
}

/** Says what is unusual about the connection, and what can be done about it. Usually there is nothing to say. */
export function Banner({ connection, notice }: Props): ReactElement | null {
  const { state, transport, retryAt, reason } = connection;
  if (state === "reconnecting" || state === "offline") {
    return (
      <div className="banner banner-warning">
        <Icon name="warning" />
        <p>
          <strong>{state === "offline" ? "Disconnected" : "The connection is away"}</strong>
          {reason !== undefined && ` (${reason})`}. What you write is kept and sent when it is back.{" "}
          {retryAt !== undefined && <Countdown retryAt={retryAt} />}
          {retryAt === undefined && state === "reconnecting" && <span className="nowrap">Trying now…</span>}
        </p>
        <button
          type="button"
          className="button"
          onClick={connection.retryNow}
          disabled={retryAt === undefined && state === "reconnecting"}
        >
          Retry now
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
  if (state !== "online" || transport !== "polling") return null;
  return (
    <div className="banner" role="status">
      <Icon name="warning" />
      <p>
        <strong>Connected by long-polling.</strong>{" "}
        {transports?.includes("websocket") === false
          ? "The address of this page leaves WebSocket out. "
          : "WebSocket seems to be blocked between here and the server. "}
        Everything works, a little slower.
      </p>
    </div>
  );
}

function Countdown({ retryAt }: { readonly retryAt: number }): ReactElement {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 200);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.ceil((retryAt - now) / 1000));
  return (
    <span className="nowrap" data-testid="countdown">
      Next attempt in {seconds} s.
    </span>
  );
}
