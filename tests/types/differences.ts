/** Where our types are not Socket.IO's, on purpose. The line below `// @differs <id>` in a fixture shows it. */
export interface Difference {
  /** `stricter`: only Socket.IO compiles the line. `looser`: only Bowline does. */
  readonly kind: "stricter" | "looser";
  readonly what: string;
  readonly reason: string;
}

export const DIFFERENCES: Readonly<Record<string, Difference>> = {
  "broadcast-ack-without-timeout": {
    kind: "stricter",
    what: "io.to(room).emit(event, callback) of a typed event with an ack needs timeout(ms) before",
    reason: "in Socket.IO the callback is called at once with a time-out error, whoever answers",
  },
  "ack-error-may-be-null": {
    kind: "stricter",
    what: "timeout(ms).emit(event, (err) => …) has `Error | null` as the type of err, where Socket.IO says `Error`",
    reason: "it is null when the answer came; a callback that is written (err: Error, …) is taken as it is",
  },
  "answer-of-several": {
    kind: "stricter",
    what: "the client's emitWithAck of an ack with several arguments resolves with the first one's type",
    reason: "Socket.IO's server says so, its client says any; the first is what both resolve with",
  },
  "randomization-factor": {
    kind: "stricter",
    what: "manager.randomizationFactor() may be undefined",
    reason: "without the option the delay is a random part of the back-off, and no factor says that",
  },
  "optional-ack": {
    kind: "looser",
    what: "the server's emitWithAck takes events whose ack is optional",
    reason: "Socket.IO's client takes them; the other end may answer",
  },
  "any-map-listener": {
    kind: "looser",
    what: "the listeners of Socket<any, any> have parameters of type any",
    reason: "in Socket.IO they are implicitly any, an error under noImplicitAny",
  },
  "recovery-switched-on": {
    kind: "looser",
    what: "connectionStateRecovery may be true",
    reason: "the defaults are what most want",
  },
  "io-takes-maps": {
    kind: "looser",
    what: "io<ServerToClient, ClientToServer>(url) types the socket",
    reason: "in Socket.IO only the variable's type can say it, and nothing checks that",
  },
  "of-takes-maps": {
    kind: "looser",
    what: "io.of<ListenEvents, EmitEvents, …>(name) types the namespace",
    reason: "in Socket.IO a namespace always has the server's maps",
  },
};
