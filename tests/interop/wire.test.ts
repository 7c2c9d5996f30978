import { describe, expect, test } from "vitest";
import { uwsMissing } from "../uws-app.ts";
import { frames, openWebSocket, type Script } from "./wire-scripts.ts";
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
    return withoutOffer(await script.run(server)) as unknown[];
  } catch (error) {
    for (const reported of server.errors) console.error("reported by the server:", reported);
    throw error;
  } finally {
    await server.close();
  }
}

/** The one thing that every open packet of ours has beside the stock server's (SPEC U1); its clients take no notice of it. */
const OFFER = ',"ext":{"rs":1}';

function withoutOffer(value: unknown): unknown {
  if (typeof value === "string") return value.replace(OFFER, "");
  if (Array.isArray(value)) return value.map(withoutOffer);
  if (value == null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withoutOffer(part)]));
}

test("[U1] on the wire our open packet differs from the stock server's in the offer alone", async () => {
  const openPacketOf = async (host: WireHost): Promise<string | undefined> => {
    const server = await startWire(host, {});
    const [open] = await frames(await openWebSocket(server), 1);
    await server.close();
    return open;
  };
  const stock = await openPacketOf("stock");
  const ours = await openPacketOf("node");
  expect(ours).toBe(`${stock?.slice(0, -1)}${OFFER}}`);
});

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
