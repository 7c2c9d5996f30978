import { assertBase64 } from "@bowline/protocol/internal";
import { WebSocket } from "ws";
import type { Env, FetchAnswer, FetchInit, LinkOptions, WebSocketLink, WebSocketListener } from "./env.ts";

/**
 * Where `io()` without an address connects to: nowhere, by a name that no resolver knows and that says why. A page that
 * is rendered on a server evaluates the modules of the page there, `export const socket = io()` among them, and must
 * not fail for it.
 */
const NOWHERE = "https://io-was-given-no-address.invalid";

/** Node: `ws`, because a WebSocket there wants headers and tells why it failed, and the global `fetch`. */
export const env: Env = {
  setTimer: (run, delayMs) => setTimeout(run, delayMs),
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
  random: () => Math.random(),
  wallClock: () => Date.now(),
  openWebSocket,
  fetch: fetchText,
  onNetwork: () => () => {},
  base64: {
    encode: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64"),
    decode(text) {
      assertBase64(text);
      return Buffer.from(text, "base64");
    },
  },
  pageUrl: NOWHERE,
  reportError: (error) =>
    queueMicrotask(() => {
      throw error;
    }),
};

function openWebSocket(url: string, options: LinkOptions, listener: WebSocketListener): WebSocketLink {
  // Compression is off: it costs memory per connection, and a peer could send a small frame that inflates for long.
  const socket = new WebSocket(url, { headers: options.extraHeaders, perMessageDeflate: false });
  let failure: unknown;
  socket.on("open", () => listener.open());
  socket.on("message", (data: Buffer, isBinary) => listener.message(isBinary ? data : data.toString()));
  socket.on("error", (error) => (failure = error));
  socket.on("close", (code, reason) => listener.close(code, reason.toString(), failure));
  return socket;
}

async function fetchText(url: string, init: FetchInit): Promise<FetchAnswer> {
  try {
    const answer = await fetch(url, { ...init, headers: init.extraHeaders });
    return { status: answer.status, text: await answer.text() };
  } catch (error) {
    // It says "fetch failed" and hides why in the cause.
    throw error instanceof Error && error.cause instanceof Error ? error.cause : error;
  }
}
