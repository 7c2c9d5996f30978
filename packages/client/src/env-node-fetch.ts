import { type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps, type RequestOptions } from "node:https";
import type { CookieJar } from "./env-node-cookies.ts";
import type { FetchAnswer, FetchInit, LinkOptions } from "./env.ts";

const CONNECT_OPTIONS = [
  "agent",
  "pfx",
  "key",
  "passphrase",
  "cert",
  "ca",
  "ciphers",
  "rejectUnauthorized",
  "checkServerIdentity",
  "localAddress",
  "family",
] as const satisfies readonly (keyof LinkOptions)[];

/** Those of the options that say how to connect, for `node:https` as for `ws`. */
export function connectOptions(options: LinkOptions): RequestOptions {
  const given = CONNECT_OPTIONS.filter((name) => options[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, options[name]]));
}

/** As many as browsers follow. */
const MAX_REDIRECTS = 20;

/**
 * A request by `node:http`: the global `fetch` knows neither agents nor certificates. Redirects are followed as there,
 * save that a POST stays one.
 */
export async function nodeFetch(
  url: string,
  init: FetchInit,
  options: LinkOptions,
  cookies: CookieJar,
): Promise<FetchAnswer> {
  for (let redirects = 0; ; redirects++) {
    const response = await ask(url, init, options, cookies);
    const { statusCode: status = 0, headers } = response;
    if (status === 200 && init.onText) {
      response.setEncoding("utf8");
      for await (const part of response) init.onText(part as string);
      return { status, text: "" };
    }
    const text = await readText(response);
    const isRedirect = status >= 301 && status <= 308 && status !== 304 && headers.location !== undefined;
    if (!isRedirect || redirects === MAX_REDIRECTS) return { status, text };
    url = new URL(headers.location ?? "", url).href;
  }
}

function ask(
  url: string,
  { method, body, signal, onText }: FetchInit,
  options: LinkOptions,
  cookies: CookieJar,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = cookies.headers(options);
    if (onText) headers["accept"] ??= "text/event-stream";
    if (body !== null) {
      headers["content-type"] ??= "text/plain;charset=UTF-8";
      headers["content-length"] = String(Buffer.byteLength(body));
    }
    const send = url.startsWith("https:") ? requestHttps : requestHttp;
    const request: ClientRequest = send(url, { ...connectOptions(options), method, headers });
    // Not the request's own `signal`: that makes an error of it, which the socket emits where nobody hears it once all of
    // the answer is there and not yet read.
    const abort = (): void => void request.destroy();
    signal.addEventListener("abort", abort);
    request.once("close", () => signal.removeEventListener("abort", abort));
    if (signal.aborted) abort();
    // Some versions of Node emit an error behind the answer, or a second one; the first word counts.
    let isOver = false;
    request.on("error", (error: NodeJS.ErrnoException) => {
      if (isOver) return;
      isOver = true;
      // A connection that was kept, and that the server closed meanwhile. Whether it has seen the request, and answered it,
      // cannot be known, so only who has no session yet asks again.
      const isStale = request.reusedSocket && error.code === "ECONNRESET";
      if (!isStale || signal.aborted || /[?&]sid=/.test(url)) reject(error);
      else resolve(ask(url, { method, body, signal, onText }, options, cookies));
    });
    if (options.autoUnref) request.on("socket", (socket) => socket.unref());
    request.on("response", (response) => {
      isOver = true;
      cookies.take(options, response.headers["set-cookie"]);
      resolve(response);
    });
    request.end(body);
  });
}

async function readText(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
