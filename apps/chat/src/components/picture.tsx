import { useEffect, useState, type ReactElement } from "react";
import type { Image } from "../../shared/events.ts";

/** Shows bytes as a picture; the browser lets go of them when it leaves the page. */
export function Picture({ image, alt }: { readonly image: Image; readonly alt: string }): ReactElement {
  const { bytes, type, width, height } = image;
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    // The types know of shared memory, which a Blob does not take and which never comes from the wire.
    const made = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [bytes, type]);
  return (
    <a className="picture" href={url} target="_blank" rel="noreferrer">
      <img src={url} alt={alt} width={width} height={height} />
    </a>
  );
}
