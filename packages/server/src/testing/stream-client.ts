import { type ClientRequest, type IncomingMessage, request } from "node:http";

export interface StreamCall {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Reads an answer that goes on, on a connection of its own. */
export class StreamClient {
  /** Status and headers. */
  readonly answered: Promise<IncomingMessage>;
  /** How it ended: whole, or broken off. */
  readonly ended: Promise<"whole" | "broken">;
  text = "";
  readonly #request: ClientRequest;
  #waiting: { readonly until: () => boolean; readonly resolve: () => void }[] = [];

  constructor(port: number, { path, headers }: StreamCall) {
    const sent = request({ host: "127.0.0.1", port, path, headers: { ...headers }, agent: false });
    this.#request = sent;
    this.answered = new Promise((resolve) => sent.once("response", resolve));
    this.ended = new Promise((resolve) => {
      sent.on("error", () => resolve("broken"));
      sent.once("response", (response) => {
        response.setEncoding("utf8");
        response.on("data", (text: string) => this.#add(text));
        response.on("error", () => {});
        response.once("close", () => resolve(response.complete ? "whole" : "broken"));
      });
    });
    sent.end();
  }

  /** Settles when the condition holds; it is looked at whenever something arrived. */
  when(until: () => boolean): Promise<void> {
    if (until()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ until, resolve }));
  }

  async until(text: string): Promise<string> {
    await this.when(() => this.text.includes(text));
    return this.text;
  }

  /** Reads nothing more. */
  async pause(): Promise<void> {
    (await this.answered).pause();
  }

  async resume(): Promise<void> {
    (await this.answered).resume();
  }

  leave(): void {
    this.#request.destroy();
  }

  #add(text: string): void {
    this.text += text;
    for (const waiter of this.#waiting) if (waiter.until()) waiter.resolve();
    this.#waiting = this.#waiting.filter(({ until }) => !until());
  }
}
