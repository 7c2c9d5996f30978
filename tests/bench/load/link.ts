/** What packets go through: a WebSocket, or two HTTP requests. */
export interface Link {
  /** An engine packet that holds a message, as `write` wants it. What is sent often is encoded once. */
  encode(packet: string, attachment?: Buffer): Buffer;
  write(encoded: Buffer): void;
  /** What is written meanwhile leaves at once. */
  together(write: () => void): void;
  /** Closes as a client that was told to, and settles when the server has closed too. */
  close(): Promise<void>;
}

/** Who gets what comes through it. */
export interface LinkListener {
  /** A packet of text from `begin` to `end`; the bytes are reused afterwards. */
  onPacket(bytes: Buffer, begin: number, end: number): void;
  onAttachment(length: number): void;
  /** It ended, and nobody here closed it. */
  onLost(why: string): void;
}

/** `stock` is a client of Socket.IO; `bowline` asks for resumption, and then confirms what it gets. */
export type ClientKind = "stock" | "bowline";

export type TransportName = "websocket" | "polling" | "sse";
