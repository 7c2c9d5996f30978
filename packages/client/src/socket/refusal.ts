import { RealtimeError } from "@bowline/protocol";

/** What CONNECT_ERROR says; a middleware may have added data, and old servers send a text. */
export function refusal(data: object | string): RealtimeError {
  const { message, data: more } = (typeof data === "string" ? { message: data } : data) as {
    message?: unknown;
    data?: unknown;
  };
  return new RealtimeError("refused", String(message), { data: more });
}
