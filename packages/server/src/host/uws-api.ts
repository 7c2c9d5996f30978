/*
 * The part of uWebSockets.js that we use, as structural types: its own package is optional and must not be named in our
 * declarations. How long each value lives is in LIFETIMES.md.
 */

export type UwsBytes = string | ArrayBuffer | Uint8Array;

export interface UwsRequest {
  getHeader(lowerCaseName: string): string;
  getMethod(): string;
  getUrl(): string;
  getQuery(): string | undefined;
  forEach(each: (name: string, value: string) => void): void;
}

export interface UwsResponse {
  writeStatus(status: string): unknown;
  writeHeader(name: string, value: string): unknown;
  end(body?: UwsBytes, closeConnection?: boolean): unknown;
  /** A chunk. False: not all of it could be passed on, and uWS keeps the rest. */
  write(chunk: UwsBytes): unknown;
  /** Told once a write was not passed on whole, whenever one may be again. */
  onWritable(writable: (offset: number) => boolean): unknown;
  /** Cuts the link; calls `onAborted` before it returns. */
  close(): unknown;
  endWithoutBody(reportedContentLength?: number, closeConnection?: boolean): unknown;
  cork(write: () => void): unknown;
  onAborted(aborted: () => void): unknown;
  onData(arrived: (chunk: ArrayBuffer, isLast: boolean) => void): unknown;
  getRemoteAddress(): ArrayBuffer;
  upgrade<UserData>(
    userData: UserData,
    key: string,
    protocol: string,
    extensions: string,
    context: UwsUpgradeContext,
  ): void;
}

/** Opaque; handed back to `upgrade`. */
export type UwsUpgradeContext = object;

export interface UwsWebSocket<UserData> {
  /** 1: gone; 0: waits and will go; 2: dropped. */
  send(message: UwsBytes, isBinary?: boolean, compress?: boolean): number;
  getBufferedAmount(): number;
  /** Calls the close handler before it returns. */
  end(code?: number, reason?: UwsBytes): void;
  /** The same, without a close frame. */
  close(): void;
  cork(write: () => void): unknown;
  getUserData(): UserData;
}

export interface UwsBehavior<UserData> {
  maxPayloadLength?: number;
  maxBackpressure?: number;
  closeOnBackpressureLimit?: boolean;
  maxLifetime?: number;
  idleTimeout?: number;
  sendPingsAutomatically?: boolean;
  compression?: number;
  upgrade?(response: UwsResponse, request: UwsRequest, context: UwsUpgradeContext): void;
  open?(ws: UwsWebSocket<UserData>): void;
  message?(ws: UwsWebSocket<UserData>, message: ArrayBuffer, isBinary: boolean): void;
  dropped?(ws: UwsWebSocket<UserData>, message: ArrayBuffer, isBinary: boolean): void;
  drain?(ws: UwsWebSocket<UserData>): void;
  close?(ws: UwsWebSocket<UserData>, code: number, message: ArrayBuffer): void;
}

/** `App()` or `SSLApp()`. */
export interface UwsApp {
  any(pattern: string, handler: (response: UwsResponse, request: UwsRequest) => void): unknown;
  ws<UserData>(pattern: string, behavior: UwsBehavior<UserData>): unknown;
  close(): unknown;
}

export type UwsListenSocket = object;

/** What `listen.ts` needs besides. */
export interface UwsListeningApp extends UwsApp {
  listen(port: number, options: number, listening: (socket: UwsListenSocket | false) => void): unknown;
  listen(
    host: string,
    port: number,
    options: number,
    listening: (socket: UwsListenSocket | false) => void,
  ): unknown;
}

export interface UwsModule {
  App(): UwsListeningApp;
  us_socket_local_port(socket: UwsListenSocket): number;
}
