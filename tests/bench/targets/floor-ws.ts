/*
 * Nothing but node:http and ws: what a framework on them is measured by. Fan-out makes the frame once and writes it to
 * each socket itself, past ws.
 */
import { createServer } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
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
import { listenOnNode, MODE } from "./ready.ts";
import { streamTokens } from "./tokens.ts";

interface Member {
  readonly ws: WebSocket;
  readonly socket: Duplex;
  readonly connection: FloorConnection;
}

const members = new Set<Member>();
const byId = new Map<string, Member>();

/** As a server sends it: not masked. */
function frame(opcode: 1 | 2, payload: Buffer): Buffer {
  const long = payload.length > 125;
  const head = Buffer.alloc(long ? 4 : 2);
  head[0] = 0x80 | opcode;
  head[1] = long ? 126 : payload.length;
  if (long) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}

function fanOut(
  request: FloorRequest,
  attachment: Buffer | undefined,
  isFor: (member: Member) => boolean,
): void {
  const text = frame(1, Buffer.from(eventOf(request)));
  const bytes = attachment ? Buffer.concat([text, frame(2, attachment)]) : text;
  for (const member of members) if (isFor(member)) member.socket.write(bytes);
}

function answer(member: Member, request: FloorRequest, attachment?: Buffer): void {
  switch (request.name) {
    case "echo":
      member.ws.send(answerTo(request));
      break;
    case "broadcast":
    case "room":
    case "multi":
      fanOut(request, attachment, () => true);
      break;
    case "socketBroadcast":
      fanOut(request, attachment, (other) => other !== member);
      break;
    case "except":
      fanOut(request, attachment, ({ connection }) => !connection.isFirst);
      break;
    case "direct": {
      const { event, receiver } = eventFor(request);
      byId.get(receiver)?.ws.send(event);
      break;
    }
    case "tokens": {
      const [count, perSecond] = argsOf(request) as [number, number];
      member.connection.stop = streamTokens(count, perSecond, (at, token) => {
        member.ws.send(tokenEvent(at, token));
      });
    }
  }
}

function enter(member: Member): void {
  member.ws.send(connectReply(member.connection));
  if (MODE !== "full") return;
  members.add(member);
  byId.set(member.connection.id, member);
}

function open(ws: WebSocket, socket: Duplex): void {
  const member: Member = { ws, socket, connection: new FloorConnection() };
  const { connection } = member;
  ws.on("message", (data: Buffer, isBinary) => {
    if (isBinary) {
      if (connection.pending) answer(member, connection.pending, data);
      connection.pending = undefined;
      return;
    }
    const text = data.toString();
    const request = readRequest(text);
    if (request?.hasAttachment) connection.pending = request;
    else if (request) answer(member, request);
    else if (text === "40") enter(member);
  });
  ws.on("close", () => {
    connection.stop?.();
    members.delete(member);
    byId.delete(connection.id);
  });
  ws.send(OPEN);
}

const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, clientTracking: false });
const server = createServer();
server.on("upgrade", (request, socket, head) => {
  webSockets.handleUpgrade(request, socket, head, (ws) => open(ws, socket));
});
listenOnNode(server);
