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
  reconnecting: "Reconnecting",
  offline: "Offline",
} as const;

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
  const { state, transport, rttMs } = connection;
  const by = state === "online" ? transport : undefined;
  return (
    <p className="connection" data-testid="connection" data-state={state} data-transport={by ?? ""}>
      <span className="dot" />
      <span role="status">{STATES[state]}</span>
      {by !== undefined && (
        <span className="transport">{by === "websocket" ? "WebSocket" : "Long-polling"}</span>
      )}
      {by !== undefined && (
        <span className="rtt" data-testid="rtt" title="One event to the server and back">
          {rttMs === undefined ? "… ms" : `${rttMs < 10 ? rttMs.toFixed(1) : rttMs.toFixed(0)} ms`}
        </span>
      )}
    </p>
  );
}
