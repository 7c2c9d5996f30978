import type { ReactElement } from "react";

const PARTS = /(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)]|@bow\b)/gi;

/** Text with its links and mentions made visible. */
export function RichText({ text }: { readonly text: string }): ReactElement {
  // A split by one group puts what matched at the odd places.
  return <>{text.split(PARTS).map((part, at) => (at % 2 === 0 ? part : <Part key={at} text={part} />))}</>;
}

function Part({ text }: { readonly text: string }): ReactElement {
  if (text.startsWith("@")) return <span className="mention">{text}</span>;
  return (
    <a href={text} target="_blank" rel="noreferrer noopener">
      {text}
    </a>
  );
}
