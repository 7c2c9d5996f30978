import type { ClientKind } from "./load/link.ts";

export const HOSTS = ["uws", "node"] as const;
export type HostName = (typeof HOSTS)[number];

/** A file of targets/, and what it runs on. */
interface Target {
  readonly name: string;
  readonly host: HostName;
  /** What it does not have, and is not asked for. */
  readonly lacks: readonly Feature[];
}

export type Feature = "except" | "rooms" | "polling" | "sse";

const TARGETS: readonly Target[] = [
  // uWS's publish leaves nobody out but who publishes.
  { name: "floor-uws", host: "uws", lacks: ["except", "polling", "sse"] },
  { name: "socketio-uws", host: "uws", lacks: ["sse"] },
  { name: "bowline-uws", host: "uws", lacks: [] },
  { name: "floor-ws", host: "node", lacks: ["rooms", "polling", "sse"] },
  { name: "socketio-ws", host: "node", lacks: ["sse"] },
  { name: "bowline-node", host: "node", lacks: [] },
];

/** A server, and the clients that it has. */
export interface Contestant extends Pick<Target, "host" | "lacks"> {
  readonly name: string;
  readonly target: string;
  readonly client: ClientKind;
}

/** Those with clients of Bowline, who ask for resumption. */
const OWN = "+own";

export const CONTESTANTS: readonly Contestant[] = TARGETS.flatMap(({ name, host, lacks }) => {
  const stock: Contestant = { name, target: name, client: "stock", host, lacks };
  return name.startsWith("bowline") ? [stock, { ...stock, name: name + OWN, client: "bowline" }] : [stock];
});

/** By whom others on the same host are measured: the first of them that has what is measured. */
export const FLOORS: Readonly<Record<HostName, readonly string[]>> = {
  uws: ["floor-uws", "socketio-uws", "bowline-uws"],
  node: ["floor-ws", "socketio-ws", "bowline-node"],
};

/** Picks by the names of targets; all where none is named. */
export function contestantsOf(targets: readonly string[]): Contestant[] {
  const known = new Set(TARGETS.map(({ name }) => name));
  const strange = targets.filter((name) => !known.has(name));
  if (strange.length > 0) {
    throw new Error(`no target is called ${strange.join(", ")}; there are ${[...known].join(", ")}`);
  }
  return CONTESTANTS.filter(({ target }) => targets.length === 0 || targets.includes(target));
}
