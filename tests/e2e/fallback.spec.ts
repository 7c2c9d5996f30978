import type { Page } from "@playwright/test";
import { FaultProxy, type UpgradePolicy } from "../faults/proxy.ts";
import { expect, test } from "./fixtures.ts";

/** Notes when the page first tried to connect, and when it was. */
async function timeConnecting(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    const times = globalThis as unknown as { triedAt?: number; onlineAt?: number };
    const { WebSocket } = globalThis;
    globalThis.WebSocket = class extends WebSocket {
      constructor(...given: ConstructorParameters<typeof WebSocket>) {
        times.triedAt ??= performance.now();
        super(...given);
      }
    };
    const isOnline = (): boolean =>
      document.querySelector('[data-testid="connection"]')?.getAttribute("data-state") === "online";
    new MutationObserver(() => {
      if (isOnline()) times.onlineAt ??= performance.now();
    }).observe(document, { subtree: true, childList: true, attributes: true });
  });
  return async () => {
    const { triedAt = 0, onlineAt = Infinity } = await page.evaluate(
      () => globalThis as unknown as { triedAt?: number; onlineAt?: number },
    );
    return onlineAt - triedAt;
  };
}

const BLOCKS: readonly [name: string, policy: UpgradePolicy][] = [
  ["refused", 403],
  ["swallowed", "swallow"],
  ["cut right after opening", "cut"],
];

for (const [name, policy] of BLOCKS) {
  test(`WebSocket is ${name}: connected through SSE in under a second; moves up when the block goes, while the assistant writes`, async ({
    chat,
    enter,
  }) => {
    const proxy = await FaultProxy.to(chat.port);
    proxy.upgrades(policy);
    let took: (() => Promise<number>) | undefined;
    const ada = await enter("Ada", proxy.url, {
      query: "&upgradeInterval=1000",
      prepare: async (page) => void (took = await timeConnecting(page)),
    });
    const bob = await enter("Bob");
    await expect(ada.connection).toHaveAttribute("data-transport", "sse");
    expect(await took?.()).toBeLessThan(1000);

    await ada.say("@bow tell me about knots");
    await expect(ada.answer).toHaveAttribute("data-stream", "streaming");
    proxy.upgrades("pass");
    await expect(ada.connection).toHaveAttribute("data-transport", "websocket");
    await expect(ada.answer).toHaveAttribute("data-stream", "streaming");
    await expect(bob.answer).toHaveAttribute("data-stream", "done", { timeout: 20_000 });
    await expect(ada.answer).toHaveAttribute("data-stream", "done");
    await expect(ada.answer.locator(".text")).toHaveText(await bob.answer.locator(".text").innerText());
    await proxy.close();
  });
}

test("WebSocket is swallowed and a proxy holds back what is streamed: connected through polling in under 4 seconds", async ({
  chat,
  enter,
}) => {
  const proxy = await FaultProxy.to(chat.port);
  proxy.upgrades("swallow");
  proxy.buffer({ bytes: Infinity, only: ({ url }) => url.includes("transport=sse") });
  let took: (() => Promise<number>) | undefined;
  const ada = await enter("Ada", proxy.url, {
    prepare: async (page) => void (took = await timeConnecting(page)),
  });
  await expect(ada.connection).toHaveAttribute("data-transport", "polling");
  expect(await took?.()).toBeLessThan(4000);
  const bob = await enter("Bob");
  await ada.say("by polling");
  await expect(bob.message("by polling")).toHaveCount(1);
  await proxy.close();
});
