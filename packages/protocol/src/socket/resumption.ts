import type { EventName } from "./packet.ts";

/**
 * What both ends say to each other about resumption: a socket that goes on where its link broke. SPEC U1 to U8 has the
 * rules. All of it travels inside CONNECT and in events whose names begin with `$`, and only between ends that agreed.
 */

/** Under this key of CONNECT's data, in both directions, stands what extensions have to say. */
export const EXTENSIONS_KEY = "$x";

/** The name of control events. */
export const CONTROL = "$";

/** What each control event says, after the name. */
export type ControlMessage =
  /** Of the counted events all up to that number are here. */
  | readonly ["a", number]
  /** Say so at once. */
  | readonly ["r"]
  /** Server to client: these events will never come; count on behind them. */
  | readonly ["g", Gap]
  /** The answers to these acks cannot be had any more. */
  | readonly ["l", readonly number[]];

/** Events that are lost, by their numbers: `from` and `to` are both among them. */
export interface Gap {
  readonly from: number;
  readonly to: number;
  readonly why: GapReason;
}

/** `overflow`: more waited for the client than the server keeps. `trimmed`: what was sent and not confirmed was. */
export type GapReason = "overflow" | "trimmed";

/** What a client puts into CONNECT, as `{"$x":{"rs":…}}`. */
export interface ResumptionRequest {
  /** Chosen by the client, secret, the same for all attempts: who has it is the client. */
  readonly k: string;
  /** Grows by one with each CONNECT. */
  readonly a: number;
  /** How many counted events came. Without it nothing is to be resumed that the client knows of. */
  readonly n?: number;
  /** With `n`: the id of the socket whose events it counts. One that was made since, and whose id never came, is another. Empty: so is every one. */
  readonly s?: string;
  /** Ids of acks that it waits for, and whose events it sent. */
  readonly p?: readonly number[];
}

/** What the server puts into its CONNECT. */
export interface ResumptionReply {
  /** How long the socket is kept without a link, in milliseconds. */
  readonly w: number;
  /** How many counted events of the client came. */
  readonly h: number;
  /** The socket goes on. Without it this is a new one. */
  readonly ok?: true;
  /** It goes on with a hole, and then nothing of what was missed is sent. */
  readonly gap?: Gap;
  /** Ids of acks that it waits for, and whose events the client has. */
  readonly p?: readonly number[];
}

/** How an event is called on the wire between ends that agreed: names that begin with `$` are ours. */
export function escapeName(name: EventName, isVolatile: boolean | undefined): EventName {
  if (isVolatile) return `$~${name}`;
  return String(name)[0] === "$" ? `$${name}` : name;
}

/**
 * The other way round: what the application calls it, which is nothing for what is not for it, and whether it is counted.
 * `$q` is reserved and counted, whatever else begins with `$` is reserved and is not.
 */
export function readName(name: EventName): readonly [name: EventName | undefined, isCounted: boolean] {
  const text = String(name);
  if (text[0] !== "$") return [name, true];
  if (text[1] === "$") return [text.slice(1), true];
  return [text[1] === "~" ? text.slice(2) : undefined, text === "$q"];
}
