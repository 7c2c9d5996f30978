/** The open packet; nobody pings. */
export const OPEN =
  '0{"sid":"AAAAAAAAAAAAAAAAAAAA","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}';

let connected = 0;

/** What a floor knows of a connection: what of the protocol cannot be left out. */
export class FloorConnection {
  readonly id: string;
  /** Whether it is in `odd`, and not in `even`. */
  readonly isOdd: boolean;
  readonly isFirst: boolean;
  /** A request whose attachment has not come. */
  pending: FloorRequest | undefined;
  stop: (() => void) | undefined;

  constructor() {
    connected += 1;
    this.id = `floor-${String(connected).padStart(14, "0")}`;
    this.isOdd = connected % 2 === 1;
    this.isFirst = connected === 1;
  }
}

export interface FloorRequest {
  readonly name: string;
  /** In figures, or nothing. */
  readonly ackId: string;
  /** Behind the name and a comma: `"data"]`. */
  readonly rest: string;
  readonly hasAttachment: boolean;
}

/** Of `42["broadcast","data"]`, `420["echo","data"]` and `451-["broadcast",{"_placeholder":true,"num":0}]`. */
export function readRequest(text: string): FloorRequest | undefined {
  const isBinary = text.startsWith("451-");
  if (!isBinary && !text.startsWith("42")) return undefined;
  const begin = isBinary ? 4 : 2;
  const bracket = text.indexOf("[", begin);
  const quote = text.indexOf('"', bracket + 2);
  const name = text.slice(bracket + 2, quote);
  return {
    name,
    ackId: text.slice(begin, bracket),
    rest: text.slice(quote + 2),
    hasAttachment: isBinary,
  };
}

/** What a request has beside its name. */
export function argsOf(request: FloorRequest): unknown[] {
  return JSON.parse(`[${request.rest}`) as unknown[];
}

export function connectReply(connection: FloorConnection): string {
  return `40{"sid":"${connection.id}"}`;
}

export function answerTo(request: FloorRequest): string {
  return `43${request.ackId}[${request.rest}`;
}

/** The event that a request is for. */
export function eventOf(request: FloorRequest): string {
  return `${request.hasAttachment ? "451-" : "42"}["m",${request.rest}`;
}

/** The same for a request that names somebody behind its data. */
export function eventFor(request: FloorRequest): { readonly event: string; readonly receiver: string } {
  const [data, receiver] = argsOf(request) as [unknown, string];
  return { event: `42["m",${JSON.stringify(data)}]`, receiver };
}

export function tokenEvent(at: number, token: string): string {
  return `42["t",${at},"${token}"]`;
}
