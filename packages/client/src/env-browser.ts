import { EXTRAS } from "#extras";
import type {
  Env,
  FetchAnswer,
  FetchInit,
  LinkOptions,
  PageEvent,
  PlaceOptions,
  WebSocketLink,
  WebSocketListener,
} from "./env.ts";

const KEEPALIVE_BYTES = 1000;

/** As they are before tests or others put their own in the place. */
const native = { setTimeout, clearTimeout };

/** Where there is no session, or a page may not have its storage. */
const shared: Env["memory"] = {};

/** Pages and workers of every kind. */
export const envFor = (options: PlaceOptions): Env => ({
  setTimer: (run, delayMs) =>
    (EXTRAS && options.useNativeTimers ? native.setTimeout : setTimeout)(run, delayMs),
  clearTimer: (timer) =>
    (EXTRAS && options.useNativeTimers ? native.clearTimeout : clearTimeout)(timer as number),
  random: () => Math.random(),
  secret: () => String(crypto.getRandomValues(new Uint32Array(4))),
  wallClock: () => Date.now(),
  openWebSocket,
  onPage,
  fetch: fetchText,
  base64: { encode: encodeBase64, decode: decodeBase64 },
  memory: storage(),
  // Not `href`: the worker of a blob has a location that is no address, but its origin is the page's.
  pageUrl: typeof location === "object" && location.origin !== "null" ? location.origin : undefined,
  reportError: (error) => reportError(error),
});

function storage(): Env["memory"] {
  try {
    return sessionStorage;
  } catch {
    return shared;
  }
}

function openWebSocket(url: string, options: LinkOptions, listener: WebSocketListener): WebSocketLink {
  const socket = new WebSocket(url, options.protocols);
  let failure: unknown;
  socket.binaryType = "arraybuffer";
  socket.onopen = () => listener.open();
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) =>
    listener.message(typeof data === "string" ? data : new Uint8Array(data));
  socket.onerror = (event) => (failure = event);
  socket.onclose = ({ code, reason }) => listener.close(code, reason, failure);
  return socket as WebSocketLink;
}

async function fetchText(
  url: string,
  { onText, ...init }: FetchInit,
  { extraHeaders, withCredentials }: LinkOptions,
): Promise<FetchAnswer> {
  const answer = await fetch(url, {
    ...init,
    headers: onText ? { accept: "text/event-stream", ...extraHeaders } : extraHeaders,
    // What is small goes out also when the page does not stay; of what is large a browser takes none then.
    keepalive: (init.body?.length ?? KEEPALIVE_BYTES) < KEEPALIVE_BYTES,
    ...(withCredentials && { credentials: "include" }),
  });
  const { status, body } = answer;
  if (!onText || status !== 200 || !body) return { status, text: await answer.text() };
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value } = await reader.read();
    if (value === undefined) return { status, text: "" };
    onText(value);
  }
}

function encodeBase64(bytes: Uint8Array): string {
  let text = "";
  // In parts, because a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 4096) {
    text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  }
  return btoa(text);
}

function decodeBase64(text: string): Uint8Array {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  // Not Uint8Array.from: over a string it takes some thirty times as long, 50 ms for a megabyte.
  for (let at = 0; at < bytes.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

export function onPage(events: readonly PageEvent[], listener: (event: PageEvent) => void): () => void {
  const stop = new AbortController();
  for (const type of events) {
    // Some places with a WebSocket have no events, and most do not tell of the network.
    const target: EventTarget | undefined =
      type === "change" ? (globalThis.navigator as NetworkNavigator | undefined)?.connection : globalThis;
    const hear = (event: Event): void => {
      if (type === "visibilitychange" ? document.hidden : type === "pagehide" && isKept(event)) return;
      listener(type);
    };
    target?.addEventListener?.(type, hear, stop);
  }
  return () => stop.abort();
}

/** The page may be back as it was. */
function isKept(event: Event): boolean {
  return (event as PageTransitionEvent).persisted;
}

/** Of Chromium only. */
interface NetworkNavigator {
  readonly connection?: EventTarget;
}
