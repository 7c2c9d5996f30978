import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";

export interface Blocker {
  readonly url: string;
  close(): Promise<void>;
}

/** A proxy as some companies have it: passes HTTP on and refuses every upgrade. */
export async function blockWebSockets(targetPort: number): Promise<Blocker> {
  const server = http.createServer((request, response) => {
    const { method, url, headers } = request;
    const passed = http.request(
      { host: "127.0.0.1", port: targetPort, method, path: url, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    passed.on("error", () => response.destroy());
    response.on("close", () => passed.destroy());
    request.pipe(passed);
  });
  server.on("upgrade", (_request, socket) => {
    socket.on("error", () => {});
    socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
