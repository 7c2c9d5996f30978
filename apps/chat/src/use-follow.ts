import { useCallback, useEffect, useRef, useState, type RefObject } from "react";

interface Follow {
  readonly frame: RefObject<HTMLDivElement | null>;
  readonly content: RefObject<HTMLDivElement | null>;
  readonly following: boolean;
  readonly follow: () => void;
  readonly onScroll: () => void;
}

const AT_BOTTOM_PX = 60;

/** Keeps the end of a growing list in view until the reader scrolls up, and again when they come back down. */
export function useFollow(): Follow {
  const frame = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const lastTop = useRef(0);
  const [following, setFollowing] = useState(true);

  useEffect(() => {
    const element = frame.current;
    if (element === null || content.current === null || !following) return undefined;
    const toEnd = (): void => element.scrollTo({ top: element.scrollHeight });
    // Words, pictures that load late and a banner above all change one of the two heights.
    const observer = new ResizeObserver(toEnd);
    observer.observe(element);
    observer.observe(content.current);
    toEnd();
    return () => observer.disconnect();
  }, [following]);

  return {
    frame,
    content,
    following,
    follow: useCallback(() => setFollowing(true), []),
    onScroll() {
      const element = frame.current;
      if (element === null) return;
      const atBottom = element.scrollHeight - element.scrollTop - element.clientHeight < AT_BOTTOM_PX;
      // Being away from the end without having moved up means that the list has just grown.
      if (atBottom || element.scrollTop < lastTop.current) setFollowing(atBottom);
      lastTop.current = element.scrollTop;
    },
  };
}
