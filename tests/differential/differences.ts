import type { ClientName, ServerName } from "./libraries.ts";
import type { Combination } from "./world.ts";

/** Where Bowline gives something else than Socket.IO, on purpose. */
export interface Difference {
  readonly scenario: string;
  /** In the combinations with this server, this client, or both; of servers "bowline" is either host. */
  readonly where: { readonly server?: "bowline" | ServerName; readonly client?: ClientName };
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
    scenario: "a broadcast with an ack and without a timeout",
    where: { server: "bowline" },
    lines: [
      '- server: emit "gives" true',
      '+ server: emit "throws" Error("a broadcast that wants answers needs a time: timeout(ms).emit(…)")',
    ],
    why: "stock fails it after a millisecond, whatever the clients answer: a mistake that should not wait for production",
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
];

export function appliesTo({ where }: Difference, { server, client }: Combination): boolean {
  const isServer = where.server === server || (where.server === "bowline" && server !== "stock");
  return (!where.server || isServer) && (!where.client || where.client === client);
}
