import { describe, expect, test } from "vitest";
import { uwsMissing } from "../uws-app.ts";
import type { Script } from "./wire-scripts.ts";
import { startWire, type WireHost } from "./wire-server.ts";
import { closingScripts } from "./wire/closing.ts";
import { corsScripts } from "./wire/cors.ts";
import { differences } from "./wire/differences.ts";
import { engineScripts } from "./wire/engine.ts";
import { refusalScripts } from "./wire/refusals.ts";
import { talkScripts } from "./wire/talk.ts";

async function transcript(script: Script, host: WireHost): Promise<unknown[]> {
  const server = await startWire(host, script.server ?? {});
  try {
    return await script.run(server);
  } catch (error) {
    for (const reported of server.errors) console.error("reported by the server:", reported);
    throw error;
  } finally {
    await server.close();
  }
}

if (uwsMissing) console.warn(`[interop] the wire on uws is SKIPPED: ${uwsMissing}`);

for (const host of ["node", "uws"] as const) {
  describe.skipIf(host === "uws" && uwsMissing !== undefined)(host, () => {
    for (const script of [
      ...talkScripts,
      ...refusalScripts,
      ...closingScripts,
      ...corsScripts,
      ...engineScripts,
    ]) {
      test(`[interop] on the wire, ${host}: ${script.name}`, async () => {
        const [stock, ours] = [await transcript(script, "stock"), await transcript(script, host)];
        expect(ours).toEqual(stock);
      });
    }
    for (const script of differences) {
      test(`[interop] on the wire, ${host}, a known difference: ${script.name}`, async () => {
        expect(await transcript(script, "stock")).toEqual(script.stock);
        expect(await transcript(script, host)).toEqual(script.ours);
      });
    }
  });
}
