import { useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactElement } from "react";
import { LIMITS, MENTION } from "../../shared/events.ts";
import type { Attachment } from "../use-attachment.ts";
import type { Chat } from "../use-chat.ts";
import { Icon } from "./icons.tsx";
import { Picture } from "./picture.tsx";

interface Props {
  readonly chat: Chat;
  readonly attachment: Attachment;
}

export function Composer({ chat, attachment }: Props): ReactElement {
  const [text, setText] = useState("");
  const input = useRef<HTMLTextAreaElement>(null);
  useGrowingHeight(input, text);

  const send = (words: string): void => {
    if (words.trim() === "" && attachment.image === undefined) return;
    chat.send(words.trim(), attachment.image);
    setText("");
    attachment.clear();
    input.current?.focus();
  };
  const ask = (): void => {
    const question = MENTION.test(text) ? text : `@bow ${text}`;
    if (text.trim() !== "") return send(question);
    setText(question);
    input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // While an input method composes a character, Enter belongs to it.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send(text);
  };
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send(text);
      }}
    >
      <AttachmentPreview attachment={attachment} />
      <textarea
        ref={input}
        id="composer"
        data-testid="composer"
        rows={1}
        value={text}
        maxLength={LIMITS.text}
        aria-label={`Message to ${chat.room}`}
        placeholder={`Message #${chat.room}`}
        onChange={(event) => {
          setText(event.target.value);
          if (event.target.value !== "") chat.typing();
        }}
        onKeyDown={onKeyDown}
        onPaste={(event) => {
          if (attachment.take(event.clipboardData.files)) event.preventDefault();
        }}
      />
      <Bar attachment={attachment} empty={text.trim() === "" && attachment.image === undefined} onAsk={ask} />
    </form>
  );
}

interface BarProps {
  readonly attachment: Attachment;
  readonly empty: boolean;
  readonly onAsk: () => void;
}

function Bar({ attachment, empty, onAsk }: BarProps): ReactElement {
  return (
    <div className="composer-bar">
      <FileButton attachment={attachment} />
      <button
        type="button"
        className="button button-quiet"
        data-testid="ask"
        aria-label="Ask the assistant"
        onClick={onAsk}
      >
        <Icon name="spark" />
        Ask <span className="wide-only">the assistant</span>
      </button>
      <span className="composer-hint wide-only">
        <kbd>Enter</kbd> sends · <kbd>Shift</kbd> <kbd>Enter</kbd> new line
      </span>
      <button type="submit" className="button button-primary" data-testid="send" data-empty={empty}>
        Send
        <Icon name="send" />
      </button>
    </div>
  );
}

function FileButton({ attachment }: { readonly attachment: Attachment }): ReactElement {
  return (
    <label className="icon-button file-button" title="Add a picture">
      <Icon name="image" />
      <span className="visually-hidden">Add a picture</span>
      <input
        type="file"
        accept="image/*"
        className="visually-hidden"
        data-testid="image-input"
        onChange={(event) => {
          attachment.take(event.target.files);
          // Otherwise choosing the same file again would not be a change.
          event.target.value = "";
        }}
      />
    </label>
  );
}

function AttachmentPreview({ attachment }: { readonly attachment: Attachment }): ReactElement | null {
  const { image, error } = attachment;
  if (image === undefined && error === undefined) return null;
  return (
    <div className="attachment" data-testid="attachment">
      {image !== undefined && <Picture image={image} alt="The picture you are about to send" />}
      {image !== undefined && (
        <span>
          {Math.ceil(image.bytes.byteLength / 1000)} KB · {image.width} × {image.height}
        </span>
      )}
      {error !== undefined && (
        <span className="error" role="alert">
          {error}
        </span>
      )}
      <button
        type="button"
        className="icon-button"
        aria-label="Remove the picture"
        onClick={attachment.clear}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}

function useGrowingHeight(input: { readonly current: HTMLTextAreaElement | null }, text: string): void {
  useLayoutEffect(() => {
    const element = input.current;
    if (element === null) return;
    element.style.height = "auto";
    element.style.height = `${String(element.scrollHeight)}px`;
  }, [input, text]);
}
