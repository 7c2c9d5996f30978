import { ask } from "../raw-peer.ts";
import type { ServerOptions } from "../surface.ts";
import { PollingSession, type Script, seen } from "../wire-scripts.ts";

const HANDSHAKE = "/socket.io/?EIO=4&transport=polling";
const PREFLIGHT = {
  "access-control-request-method": "POST",
  "access-control-request-headers": "x-custom, content-type",
};

const CONFIGS: readonly (readonly [name: string, cors: NonNullable<ServerOptions["cors"]>])[] = [
  ["one origin, with credentials", { origin: "https://a.example", credentials: true }],
  ["several origins", { origin: ["https://a.example", "https://b.example"] }],
  ["any origin", { origin: "*" }],
  ["methods of its own", { origin: "https://a.example", methods: ["GET", "POST"] }],
  ["no origin named", {}],
];

function script([name, cors]: (typeof CONFIGS)[number]): Script {
  return {
    name: `CORS headers: ${name}`,
    server: { cors },
    async run({ port }) {
      const lines: unknown[] = [];
      for (const origin of ["https://a.example", "https://b.example", "https://c.example", undefined]) {
        const from = origin === undefined ? {} : { origin };
        const preflight = await ask(port, HANDSHAKE, {
          method: "OPTIONS",
          headers: { ...from, ...PREFLIGHT },
        });
        const bare = await ask(port, HANDSHAKE, { method: "OPTIONS", headers: from });
        const handshake = await ask(port, HANDSHAKE, { headers: from });
        const refused = await ask(port, `${HANDSHAKE}&sid=nobody`, { headers: from });
        const session = await PollingSession.open(port);
        const post = await session.post("40", from);
        lines.push([origin, ...[preflight, bare, handshake, refused, post].map(seen)]);
      }
      return lines;
    },
  };
}

const without: Script = {
  name: "no CORS headers without the option",
  async run({ port }) {
    const from = { origin: "https://a.example" };
    const preflight = await ask(port, HANDSHAKE, { method: "OPTIONS", headers: { ...from, ...PREFLIGHT } });
    return [seen(preflight), seen(await ask(port, HANDSHAKE, { headers: from }))];
  },
};

export const corsScripts: readonly Script[] = [...CONFIGS.map(script), without];
