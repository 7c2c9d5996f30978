import type { ReactElement } from "react";

const PATHS = {
  check: "M4 12.5l4.5 4.5L18 7",
  double: "M1.5 12.5L6 17l9.5-10M11 15.5l1.5 1.5L22 7",
  clock: "M12 7v5l3.5 2M12 3a9 9 0 1 1 0 18a9 9 0 0 1 0-18",
  close: "M6 6l12 12M18 6L6 18",
  down: "M12 5v14M6 13l6 6 6-6",
  image: "M4 5h16v14H4zM4 16l4.5-4.5L13 16l3-3 4 4M15.5 9.5h.01",
  menu: "M4 7h16M4 12h16M4 17h16",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z",
  plus: "M12 5v14M5 12h14",
  send: "M5 12h13M12 5.5l6.5 6.5-6.5 6.5",
  spark:
    "M12 3.5l1.900 5.600 5.600 1.900-5.600 1.900L12 18.5l-1.900-5.600L4.5 11l5.600-1.900zM19 16.5v4M17 18.5h4",
  stop: "M7 7h10v10H7z",
  sun: "M12 8a4 4 0 1 1 0 8a4 4 0 0 1 0-8M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M18.700 5.300l-1.400 1.400M6.700 17.300l-1.400 1.400",
  warning: "M12 4l9 16H3zM12 10v4.5M12 17.2h.01",
} as const;

export function Icon({ name }: { readonly name: keyof typeof PATHS }): ReactElement {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** A bowline, seen from the front. */
export function Knot(): ReactElement {
  return (
    <svg className="knot" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M11 4.5v12" />
      <path d="M11 16.5c0 7 4 10.5 8 10.5s7-3 7-6.5-3-6.5-7.5-6.5H9a3.2 3.2 0 0 1 0-6.400h5.5a3.2 3.2 0 0 1 0 6.400" />
    </svg>
  );
}
