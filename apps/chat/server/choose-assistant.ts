import { markovAssistant } from "./assistant-markov.ts";
import { openAiAssistant } from "./assistant-openai.ts";
import type { Assistant } from "./assistant.ts";

/** A model behind an OpenAI-compatible address if the environment names one, else the one that needs no network. */
export function chooseAssistant(env: Readonly<Record<string, string | undefined>>): Assistant {
  const baseUrl = env["OPENAI_BASE_URL"];
  const apiKey = env["OPENAI_API_KEY"];
  if (baseUrl !== undefined && apiKey !== undefined) {
    return openAiAssistant({ baseUrl, apiKey, model: env["OPENAI_MODEL"] ?? "gpt-4o-mini" });
  }
  const pace = Number.parseInt(env["ASSISTANT_PACE_MS"] ?? "", 10);
  return markovAssistant(Number.isNaN(pace) ? undefined : pace);
}
