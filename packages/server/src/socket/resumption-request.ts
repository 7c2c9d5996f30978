import { EXTENSIONS_KEY, type ResumptionRequest } from "@bowline/protocol/internal";

/** A key is 128 random bits, in whatever letters; what is shorter could be guessed. */
const SHORTEST_KEY = 22;
const LONGEST_KEY = 64;

export interface ConnectData {
  /** Without what extensions have to say. */
  readonly auth: object | undefined;
  readonly request: ResumptionRequest | undefined;
}

/** Takes what is for extensions out of the data of CONNECT (SPEC U1). What is malformed asks for nothing. */
export function readConnectData(data: object | undefined): ConnectData {
  if (!data || !Object.hasOwn(data, EXTENSIONS_KEY)) return { auth: data, request: undefined };
  const { [EXTENSIONS_KEY]: extensions, ...auth } = data as Record<string, unknown>;
  const { rs } = Object(extensions) as { rs?: unknown };
  return {
    auth: Object.keys(auth).length === 0 ? undefined : auth,
    request: isRequest(rs) ? rs : undefined,
  };
}

function isRequest(value: unknown): value is ResumptionRequest {
  const { k, a, n = 0, s = "", p = [] } = Object(value) as Record<string, unknown>;
  const isKey = typeof k === "string" && k.length >= SHORTEST_KEY && k.length <= LONGEST_KEY;
  return isKey && isCount(a) && isCount(n) && typeof s === "string" && Array.isArray(p) && p.every(isCount);
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
