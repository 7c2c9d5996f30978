import { useState } from "react";
import type { Image } from "../shared/events.ts";
import { PictureError, readPicture } from "./picture.ts";

/** The picture that goes with the next message, however it came: pasted, dropped or chosen. */
export interface Attachment {
  readonly image: Image | undefined;
  readonly error: string | undefined;
  /** Takes the first picture among the files; says whether there was one. */
  readonly take: (files: FileList | null) => boolean;
  readonly clear: () => void;
}

export function useAttachment(): Attachment {
  const [image, setImage] = useState<Image>();
  const [error, setError] = useState<string>();
  const read = async (file: File): Promise<void> => {
    try {
      setImage(await readPicture(file));
      setError(undefined);
    } catch (problem) {
      setError(problem instanceof PictureError ? problem.message : "This picture cannot be read.");
    }
  };
  return {
    image,
    error,
    take(files) {
      const given = [...(files ?? [])];
      const file = given.find(({ type }) => type.startsWith("image/"));
      if (file !== undefined) void read(file);
      else if (given.length > 0) setError("Only pictures can be sent.");
      return file !== undefined;
    },
    clear() {
      setImage(undefined);
      setError(undefined);
    },
  };
}
