import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { nodeHost } from "@bowline/server/node";
import type { HostUnderTest } from "@bowline/server/testing";
import { uwsHost } from "@bowline/server/uws";
import { listenUws } from "../uws-app.ts";

export const nodeUnderTest: HostUnderTest = {
  name: "node:http",
  async listen(attach) {
    const server = createServer();
    attach(nodeHost(server));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  },
};

export const uwsUnderTest: HostUnderTest = {
  name: "uWebSockets.js",
  async listen(attach) {
    const { port } = await listenUws((app) => attach(uwsHost(app)));
    return port;
  },
};
