import type { ClientName, ServerName } from "./libraries.ts";
import type { Combination, TransportName } from "./world.ts";

/** Where Bowline gives something else than Socket.IO, on purpose. */
export interface Difference {
  readonly scenario: string;
  /** In the combinations with all of these; of servers "bowline" is either host. */
  readonly where: {
    readonly server?: "bowline" | ServerName;
    readonly client?: ClientName;
    readonly transport?: TransportName;
  };
  /** Exactly what differs: `- ` what stock gives, `+ ` what Bowline gives, with the track before it. */
  readonly lines: readonly string[];
  readonly why: string;
}

/** An entry that fits no combination, or says anything else than what is seen, fails the tests. */
export const DIFFERENCES: readonly Difference[] = [
  {
    scenario: "next() called twice",
    where: { server: "bowline" },
    lines: ["- client: connect", "- server: connection"],
    why: "a second next() of the same middleware would connect the socket a second time",
  },
  {
    scenario: "next() called twice",
    where: { server: "stock", client: "bowline" },
    lines: ["- client: connect"],
    why: "the second CONNECT of such a server is ignored: the socket is connected already",
  },
  {
    scenario: "CONNECT twice for one namespace ends the connection",
    where: { server: "bowline" },
    lines: [
      '- server: disconnecting "forced close" undefined',
      '- server: disconnect "forced close" undefined',
      '+ server: disconnecting "forced server close" Error("a second connect for the namespace /")',
      '+ server: disconnect "forced server close" Error("a second connect for the namespace /")',
    ],
    why: "with stock the reason depends on the transport; here it is the documented one, and the second argument says why",
  },
  {
    scenario: "a packet for a namespace that was not joined ends the connection",
    where: { server: "bowline" },
    lines: [1, 2, 3].flatMap(() => [
      '- server: disconnecting "forced close" 1 true true',
      '- server: disconnect "forced close" 0 false false',
      '+ server: disconnecting "forced server close" 1 true true',
      '+ server: disconnect "forced server close" 0 false false',
    ]),
    why: "with stock the reason depends on the transport; here it is the documented one",
  },
  {
    scenario:
      "what is no engine packet ends a connection with parse error, what is no packet with forced close",
    where: { server: "bowline" },
    lines: [
      '- server: error "invalid payload"',
      '- server: error "invalid payload"',
      '- server: error "unknown packet type NaN"',
      '- server: error "Illegal attachments"',
      '+ server: error "malformed JSON"',
      '+ server: error "\\"disconnect\\" is a reserved event name"',
      '+ server: error "malformed header"',
      '+ server: error "malformed header"',
    ],
    why: "the message says what is wrong with the packet",
  },
  {
    scenario: "a timed ack of the server's that is pending when the client leaves",
    where: { server: "bowline" },
    lines: [
      '- server: disconnect "client namespace disconnect" undefined',
      '+ server: disconnect "client namespace disconnect" undefined',
    ],
    why: "the ack fails at the disconnect; stock lets it wait for its time, in which nobody can answer",
  },
  {
    scenario: "a connection that ends before the server answers CONNECT",
    where: { client: "bowline" },
    lines: ['- client: disconnect "transport close"', "+ client: connect_error true"],
    why: "what never was connected cannot disconnect: every disconnect follows a connect",
  },
  {
    scenario: "transports: only those of the option are offered and taken",
    where: { server: "bowline" },
    lines: [
      '- wire: upgrade 400 "{\\"code\\":0,\\"message\\":\\"Transport unknown\\"}"',
      '+ wire: upgrade 400 "Transport unknown"',
    ],
    why: "a refused upgrade looks the same whatever the reason; stock without WebSockets takes it for a request",
  },
  {
    scenario:
      "a lost connection is recovered: the same id, rooms and data, what was missed in order, no middleware",
    where: { server: "bowline" },
    lines: ['- client: connect true "<id 1>"', '+ client: connect true "<id 1>"'],
    why: "what was missed follows CONNECT; stock sends it before, and a link that breaks between the two doubles it",
  },
  {
    scenario: "without the option: no private id, no offsets, recovered is false",
    where: { client: "bowline" },
    lines: ["- client: connect undefined", "+ client: connect false"],
    why: "recovered is a boolean, as its type says",
  },
  {
    scenario: "other listeners of the HTTP server keep their requests",
    where: { server: "node" },
    lines: [
      '- wire: /socket.io 200 {content-type: "text/x-mine"} "mine /socket.io"',
      '+ wire: /socket.io 400 {content-type: "application/json"} "{\\"code\\":0,\\"message\\":\\"Transport unknown\\"}"',
    ],
    why: "the path is answered with its slash and without: clients with addTrailingSlash: false need no other setting",
  },
  {
    scenario:
      "the connection is lost and comes back: the events in order, the buffered ones, a new id, auth again",
    where: { client: "bowline" },
    lines: ['- server: while away "dropped"'],
    why: "a volatile event is dropped while there is no connection; stock keeps it if the WebSocket that was lost still counts as writable",
  },
  {
    scenario: "what a parent namespace emits reaches the sockets of all its children",
    where: { server: "bowline" },
    lines: [
      '- server: fetchSockets "rejects" Error("fetchSockets() is not supported on parent namespaces")',
      '+ server: fetchSockets "rejects" Error("fetchSockets() does not work on a namespace made for a pattern or a function: its children differ from server to server. Call it on a child: io.of(name).fetchSockets()")',
    ],
    why: "the message says what to do instead",
  },
  {
    scenario: "a Manager of one's own: its sockets, the same one for a namespace, its options",
    where: { client: "bowline" },
    lines: [
      '- manager: close "forced close" undefined',
      '+ manager: close "forced close" {description: "closed by the client"}',
    ],
    why: "the second argument says what closed it, as it does for every other reason",
  },
  {
    scenario: "io.disconnectSockets(): every socket, the connections stay",
    where: { client: "bowline" },
    lines: [
      '- manager: close "forced close" undefined',
      '+ manager: close "forced close" {description: "closed by the client"}',
    ],
    why: "the second argument says what closed it, as it does for every other reason",
  },
  {
    scenario: "the client's engine is closed: forced close there, transport close at the server",
    where: { client: "bowline" },
    lines: [
      '- manager: close "forced close" undefined',
      '+ manager: close "forced close" {context: undefined, description: "closed by the client"}',
    ],
    why: "the second argument says what closed it, as it does for every other reason",
  },
  {
    scenario: "the details of a disconnect: a closed WebSocket, a lost one",
    where: { client: "bowline" },
    lines: [
      '- client: disconnect "transport close" "object" "websocket connection closed"',
      '- client: disconnect "transport close" "object" "websocket connection closed"',
      '+ client: disconnect "transport close" "object" "websocket closed (1005)"',
      '+ client: disconnect "transport close" "object" "websocket closed (1006)"',
    ],
    why: "the description has the close code, which tells a close from a loss",
  },
  {
    scenario: "the handshake: its fields, the query, the auth, the headers",
    where: { client: "bowline", transport: "websocket" },
    lines: [
      '- server: query {EIO: "4", from: "url", t: "undefined", transport: "websocket"}',
      '+ server: query {EIO: "4", from: "url", other: "a b&c", t: "undefined", transport: "websocket"}',
      '- server: url "/socket.io/?from=url&EIO=4&transport=websocket" true',
      '+ server: url "/socket.io/?from=url&other=a+b%26c&EIO=4&transport=websocket" true',
    ],
    why: "the query of the URL and that of the options are both sent; stock drops the option's when the URL has one",
  },
  {
    scenario: "the handshake: its fields, the query, the auth, the headers",
    where: { client: "bowline", transport: "polling" },
    lines: [
      '- server: query {EIO: "4", from: "url", t: "string", transport: "polling"}',
      '+ server: query {EIO: "4", from: "url", other: "a b&c", t: "string", transport: "polling"}',
      '- server: url "/socket.io/?from=url&EIO=4&transport=polling" true',
      '+ server: url "/socket.io/?from=url&other=a+b%26c&EIO=4&transport=polling" true',
    ],
    why: "the query of the URL and that of the options are both sent; stock drops the option's when the URL has one",
  },
  {
    scenario: "a server that is not there: connect_error and still active, or not without reconnection",
    where: { client: "bowline" },
    lines: [
      '- modest: connect_error "websocket error" true',
      '+ modest: connect_error "cannot connect to http://127.0.0.1:PORT/socket.io (websocket: websocket connect ECONNREFUSED 127.0.0.1:PORT (1006))" true',
      '- stubborn: connect_error "websocket error" true',
      '+ stubborn: connect_error "cannot connect to http://127.0.0.1:PORT/socket.io (websocket: websocket connect ECONNREFUSED 127.0.0.1:PORT (1006))" true',
    ],
    why: "the message says where it could not connect, and what became of each transport",
  },
  {
    scenario: "an event over the server's limit: the connection of the client that emits it",
    where: { client: "bowline", transport: "websocket" },
    lines: [
      '- client: emit "gives" true',
      '- client: disconnect "transport close" true',
      '+ client: emit "throws" Error("1114 bytes; the server\'s maxHttpBufferSize is 1000")',
      "+ server: event 5",
    ],
    why: "who emits too much is told so at once, and the connection stays",
  },
  {
    scenario: "an event over the server's limit: the connection of the client that emits it",
    where: { client: "bowline", transport: "polling" },
    lines: [
      '- client: emit "gives" true',
      '- client: disconnect "transport error" true',
      '+ client: emit "throws" Error("1114 bytes; the server\'s maxHttpBufferSize is 1000")',
      "+ server: event 5",
    ],
    why: "who emits too much is told so at once, and the connection stays",
  },
  {
    scenario: "the engine under a client: its id, its transport, its state, its events",
    where: { client: "bowline", transport: "polling" },
    lines: ['+ client: packetCreate "close" ""'],
    why: "the close packet is sent by stock as well, which does not tell of it",
  },
  {
    scenario: "the manager's events of a connection: open, ping, packet, close",
    where: { client: "bowline" },
    lines: [
      "- manager: ping",
      '- manager: packet 0 "/" {sid: "<id 1>"}',
      '+ manager: packet "connect" undefined {sid: "<id 1>"}',
      '- manager: packet 2 "/" ["event", 1]',
      '+ manager: packet "event" undefined ["event", 1]',
      "+ manager: ping",
    ],
    why: "the packet is as the codec has it, with its type as a word and its namespace by that name; events are told in the order of the wire",
  },
  {
    scenario: "the upgrade as the engine tells it: upgrading, upgrade, the transport before and after",
    where: { client: "bowline" },
    lines: ['- client: upgrading "websocket"'],
    why: "the client's engine tells of an upgrade when it is done; the other event would cost bytes that pages pay for",
  },
  {
    scenario: "the client's files: which there are, their headers, not modified",
    where: { server: "node" },
    lines: [
      '- wire: none 400 {content-type: "application/json"} "{\\"code\\":0,\\"message\\":\\"Transport unknown\\"}"',
      '+ wire: none 404 {} ""',
      '- wire: off 400 {content-type: "application/json"} "{\\"code\\":0,\\"message\\":\\"Transport unknown\\"}"',
      '+ wire: off 404 {} ""',
    ],
    why: "what lies below the path and is no file of the client's is not there, and is left to the HTTP server's other listeners",
  },
  {
    scenario: "the client's files: which there are, their headers, not modified",
    where: { server: "uws" },
    lines: [
      '- wire: none 400 {content-type: "application/json"} "{\\"code\\":0,\\"message\\":\\"Transport unknown\\"}"',
      '+ wire: none 404 {} "<html><body><h1>File Not Found</h1><hr><i>uWebSockets/20 Server</i></body></html>"',
      '- wire: off 400 {content-type: "application/json"} "{\\"code\\":0,\\"message\\":\\"Transport unknown\\"}"',
      '+ wire: off 404 {} "<html><body><h1>File Not Found</h1><hr><i>uWebSockets/20 Server</i></body></html>"',
    ],
    why: "what lies below the path and is no file of the client's is not there, and is left to the HTTP server's other listeners",
  },
  {
    scenario: "getters and setters of the server: path, serveClient, connectTimeout, adapter",
    where: { server: "node" },
    lines: ['- server: adapter "function"', '+ server: adapter "undefined"'],
    why: "our own rooms are no class that an adapter could extend; io.adapter() gives what was given",
  },
  {
    scenario: "ten attachments arrive, in both directions; eleven end the connection",
    where: { client: "bowline" },
    lines: [
      '- client: eleven "gives" true',
      '- client: disconnect "transport close"',
      '+ client: eleven "throws" Error("the event \\"ten\\" cannot be sent: 11 attachments, maxAttachments is 10")',
      "+ client: ten [Buffer<00>, Buffer<01>, Buffer<02>, Buffer<03>, Buffer<04>, Buffer<05>, Buffer<06>, Buffer<07>, Buffer<08>, Buffer<09>]",
      '- server: disconnect "forced close"',
      "+ server: ten [Buffer<00>]",
    ],
    why: "who emits too many is told so at once, and the connection stays",
  },
  ...[
    "a server that is gone: attempts, errors and at last reconnect_failed",
    "a server that never was there: connect_error, then the same",
  ].map((scenario): Difference => ({
    scenario,
    where: { client: "bowline" },
    lines: ["- client: reconnect_failed true", "+ client: reconnect_failed true"],
    why: "reconnect_failed is the last that is heard; in stock the error of the last attempt comes after it",
  })),
];

export function appliesTo({ where }: Difference, { server, client, transport }: Combination): boolean {
  const isServer = where.server === server || (where.server === "bowline" && server !== "stock");
  return (
    (!where.server || isServer) &&
    (!where.client || where.client === client) &&
    (!where.transport || where.transport === transport)
  );
}
