import { type IncomingHttpHeaders, request } from "node:http";

/** A poll that takes gzip, and its answer as it came. */
export function rawPoll(
  port: number,
  sid: string,
): Promise<{ status: number; headers: IncomingHttpHeaders; raw: Buffer }> {
  return new Promise((resolve, reject) => {
    const path = `/socket.io/?EIO=4&transport=polling&sid=${sid}`;
    const sent = request({ port, host: "127.0.0.1", path, headers: { "accept-encoding": "gzip" } });
    sent.on("error", reject);
    sent.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, raw: Buffer.concat(chunks) }),
      );
    });
    sent.end();
  });
}
