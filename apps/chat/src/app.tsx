import { useState, type MouseEvent, type ReactElement } from "react";
import { Banner } from "./components/banner.tsx";
import { Composer } from "./components/composer.tsx";
import { DropZone } from "./components/drop-zone.tsx";
import { Header } from "./components/header.tsx";
import { Messages } from "./components/messages.tsx";
import { RoomHead } from "./components/room-head.tsx";
import { Sidebar } from "./components/sidebar.tsx";
import { TypingLine } from "./components/typing-line.tsx";
import { useAttachment } from "./use-attachment.ts";
import { useChat } from "./use-chat.ts";
import { useConnection } from "./use-connection.ts";

export function App(): ReactElement {
  const chat = useChat();
  const connection = useConnection(chat.socket);
  const attachment = useAttachment();
  const [menuOpen, setMenuOpen] = useState(false);
  return (
    <div className="app" data-connection={connection.status.name}>
      <a className="skip-link" href="#composer" onClick={skipToComposer}>
        Skip to writing a message
      </a>
      <Header connection={connection} menuOpen={menuOpen} onMenu={() => setMenuOpen(!menuOpen)} />
      <Sidebar chat={chat} open={menuOpen} onClose={() => setMenuOpen(false)} />
      <DropZone onFiles={attachment.take}>
        <RoomHead chat={chat} />
        <Banner connection={connection} notice={chat.notice} />
        <Messages chat={chat} />
        <TypingLine typists={chat.typists} />
        <Composer chat={chat} attachment={attachment} />
      </DropZone>
    </div>
  );
}

/** Without following the link: the address holds the room. */
function skipToComposer(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById("composer")?.focus();
}
