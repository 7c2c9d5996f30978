import type { ReactElement } from "react";
import type { Connection } from "../use-connection.ts";
import { useTheme } from "../use-theme.ts";
import { Icon, Knot } from "./icons.tsx";

interface Props {
  readonly connection: Connection;
  readonly menuOpen: boolean;
  readonly onMenu: () => void;
}

const STATES = {
  connecting: "Connecting",
  online: "Online",
  suspended: "Reconnecting",
  offline: "Offline",
} as const;

const TRANSPORTS: Readonly<Record<string, string>> = {
  websocket: "WebSocket",
  sse: "Server-sent events",
  polling: "Long-polling",
};

export function Header({ connection, menuOpen, onMenu }: Props): ReactElement {
  const [theme, toggleTheme] = useTheme();
  return (
    <header className="header">
      <button
        type="button"
        className="icon-button menu-button"
        data-testid="menu"
        aria-label="Rooms and people"
        aria-expanded={menuOpen}
        aria-controls="sidebar"
        onClick={onMenu}
      >
        <Icon name={menuOpen ? "close" : "menu"} />
      </button>
      <p className="brand">
        <Knot />
        Bowline
      </p>
      <ConnectionBadge connection={connection} />
      <button
        type="button"
        className="icon-button"
        aria-label={theme === "dark" ? "Use the light theme" : "Use the dark theme"}
        onClick={toggleTheme}
      >
        <Icon name={theme === "dark" ? "sun" : "moon"} />
      </button>
    </header>
  );
}

function ConnectionBadge({ connection }: { readonly connection: Connection }): ReactElement {
  const { status, rttMs } = connection;
  const by = status.name === "online" ? status.transport : undefined;
  return (
    <p className="connection" data-testid="connection" data-state={status.name} data-transport={by ?? ""}>
      <span className="dot" />
      <span role="status">{STATES[status.name]}</span>
      {by !== undefined && <span className="transport">{TRANSPORTS[by] ?? by}</span>}
      {by !== undefined && (
        <span className="rtt" data-testid="rtt" title="One event to the server and back">
          {rttMs === undefined ? "… ms" : `${rttMs < 10 ? rttMs.toFixed(1) : rttMs.toFixed(0)} ms`}
        </span>
      )}
    </p>
  );
}
