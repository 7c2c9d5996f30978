import type { Message } from "../shared/events.ts";
import type { Assistant } from "./assistant.ts";

interface Options {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
}

const SYSTEM =
  "You are Bow, the assistant in a group chat about anything. Several people write; their names stand before their words. " +
  "Answer the last message in plain text, briefly.";
const TURNS = 20;
const LONGEST_WAIT_MS = 120_000;

/** Streams from any server that speaks OpenAI's `/chat/completions`. */
export function openAiAssistant({ baseUrl, apiKey, model }: Options): Assistant {
  const url = `${baseUrl.replace(/\/+$/, "")}/chat/completions`;
  const host = new URL(url).host;
  return {
    info: { name: "Bow", about: `${model} at ${host}` },
    async *reply(_prompt, history, signal) {
      const response = await fetch(url, {
        method: "POST",
        headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
        body: JSON.stringify({ model, stream: true, messages: conversation(history) }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(LONGEST_WAIT_MS)]),
      }).catch((error: unknown) => {
        throw new Error(`The assistant's server at ${host} cannot be reached.`, { cause: error });
      });
      if (!response.ok || response.body === null) {
        throw new Error(
          `The assistant's server answered ${String(response.status)}: ${await reason(response)}`,
        );
      }
      for await (const data of serverSentEvents(response.body)) {
        if (data === "[DONE]") return;
        const token = tokenOf(data);
        if (token !== "") yield token;
      }
    },
  };
}

function conversation(history: readonly Message[]): readonly object[] {
  const turns = history
    .slice(-TURNS)
    .map(({ stream, author, text }) =>
      stream === undefined
        ? { role: "user", content: `${author.name}: ${text}` }
        : { role: "assistant", content: text },
    );
  return [{ role: "system", content: SYSTEM }, ...turns];
}

/** The data of each event. An event may arrive in several chunks, and a chunk may end within a character. */
export async function* serverSentEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  let data: string[] = [];
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines.map((each) => each.replace(/\r$/, ""))) {
      if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
      if (line !== "" || data.length === 0) continue;
      yield data.join("\n");
      data = [];
    }
  }
  const last = rest.startsWith("data:") ? [...data, rest.slice(5).trim()] : data;
  if (last.length > 0) yield last.join("\n");
}

function tokenOf(data: string): string {
  const chunk = parse(data);
  const error = field(chunk, "error");
  if (error !== undefined)
    throw new Error(`The assistant's server reported: ${text(field(error, "message")) || data}`);
  const choices = field(chunk, "choices");
  const delta = Array.isArray(choices) ? field(choices[0], "delta") : undefined;
  return text(field(delta, "content"));
}

async function reason(response: Response): Promise<string> {
  const body = await response.text().catch(() => "");
  const message = text(field(field(parse(body), "error"), "message"));
  return (message || body || response.statusText).slice(0, 300);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
