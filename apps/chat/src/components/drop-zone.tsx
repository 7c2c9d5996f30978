import { useState, type ReactElement, type ReactNode } from "react";

interface Props {
  readonly children: ReactNode;
  readonly onFiles: (files: FileList) => void;
}

/** The room itself, on which a picture can be dropped. */
export function DropZone({ children, onFiles }: Props): ReactElement {
  const [dragging, setDragging] = useState(false);
  return (
    <main
      className="room"
      data-dragging={dragging}
      onDragOver={(event) => {
        event.preventDefault();
        setDragging(true);
      }}
      onDragLeave={(event) => {
        // Moving on to something inside is not leaving.
        if (!(event.relatedTarget instanceof Node) || !event.currentTarget.contains(event.relatedTarget)) {
          setDragging(false);
        }
      }}
      onDrop={(event) => {
        event.preventDefault();
        setDragging(false);
        onFiles(event.dataTransfer.files);
      }}
    >
      {children}
    </main>
  );
}
