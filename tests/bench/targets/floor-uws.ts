/*
 * Nothing but uWebSockets.js: what a framework on it cannot be faster than. Fan-out is its publish; it has nothing that
 * leaves out some of a topic's subscribers other than who publishes, so there is no `except`.
 */
import {
  answerTo,
  argsOf,
  connectReply,
  eventFor,
  eventOf,
  FloorConnection,
  type FloorRequest,
  OPEN,
  readRequest,
  tokenEvent,
} from "./floor.ts";
import { listenOnUws, MODE, type UwsApp, type UwsSocket } from "./ready.ts";
import { streamTokens } from "./tokens.ts";

type Attachment = ArrayBuffer | undefined;

const sockets = new Map<string, UwsSocket>();

function enter(ws: UwsSocket, connection: FloorConnection): void {
  ws.send(connectReply(connection));
  if (MODE !== "full") return;
  sockets.set(connection.id, ws);
  ws.subscribe("all");
  ws.subscribe(connection.isOdd ? "odd" : "even");
}

function answer(app: UwsApp, ws: UwsSocket, request: FloorRequest, attachment: Attachment): void {
  const publish = (publisher: UwsApp | UwsSocket, topic: string): void => {
    publisher.publish(topic, eventOf(request));
    if (attachment) publisher.publish(topic, attachment, true);
  };
  switch (request.name) {
    case "echo":
      ws.send(answerTo(request));
      break;
    case "broadcast":
    case "room":
      publish(app, "all");
      break;
    case "socketBroadcast":
      publish(ws, "all");
      break;
    case "multi":
      publish(app, "odd");
      publish(app, "even");
      break;
    case "direct": {
      const { event, receiver } = eventFor(request);
      sockets.get(receiver)?.send(event);
      break;
    }
    default:
      more(app, ws, request);
  }
}

function more(app: UwsApp, ws: UwsSocket, request: FloorRequest): void {
  const args = argsOf(request);
  switch (request.name) {
    case "joinMany":
      for (let index = 0; index < Number(args[1]); index += 1) ws.subscribe(`${String(args[0])}${index}`);
      ws.send(`43${request.ackId}[${String(args[1])}]`);
      break;
    case "join":
      ws.subscribe(String(args[0]));
      ws.send(answerTo(request));
      break;
    case "leave":
      ws.unsubscribe(String(args[0]));
      ws.send(answerTo(request));
      break;
    case "toRoom": {
      const { event, receiver } = eventFor(request);
      app.publish(receiver, event);
      break;
    }
    case "tokens": {
      const connection = ws.getUserData() as FloorConnection;
      connection.stop = streamTokens(Number(args[0]), Number(args[1]), (at, token) => {
        ws.send(tokenEvent(at, token));
      });
    }
  }
}

await listenOnUws((app) => {
  app.ws("/socket.io/", {
    idleTimeout: 0,
    maxBackpressure: 64 * 1024 * 1024,
    upgrade: (
      response: { upgrade(...args: unknown[]): void },
      request: { getHeader(name: string): string },
      context: object,
    ) => response.upgrade(new FloorConnection(), request.getHeader("sec-websocket-key"), "", "", context),
    open: (ws: UwsSocket) => ws.send(OPEN),
    message: (ws: UwsSocket, message: ArrayBuffer, isBinary: boolean) => {
      const connection = ws.getUserData() as FloorConnection;
      if (isBinary) {
        if (connection.pending) answer(app, ws, connection.pending, message);
        connection.pending = undefined;
        return;
      }
      const text = Buffer.from(message).toString();
      const request = readRequest(text);
      if (request?.hasAttachment) connection.pending = request;
      else if (request) answer(app, ws, request, undefined);
      else if (text === "40") enter(ws, connection);
    },
    close: (ws: UwsSocket) => {
      const connection = ws.getUserData() as FloorConnection;
      connection.stop?.();
      sockets.delete(connection.id);
    },
  });
});
