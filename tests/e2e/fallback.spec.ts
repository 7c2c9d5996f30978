import type { Page } from "@playwright/test";
import { FaultProxy, type UpgradePolicy } from "../faults/proxy.ts";
import { expect, type Person, test } from "./fixtures.ts";

// So slow that it is still writing when the page moves up.
test.use({ paceMs: 150 });

interface Times {
  triedAt?: number;
  onlineAt?: number;
}

/** Notes when the page first tried to connect, and when it was. */
async function timeConnecting(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const times = globalThis as unknown as Times;
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
}

/**
 * Waits until it has connected by that transport within that time, in milliseconds. Other work on the machine may delay any
 * of some connections, so much that the next transport wins, but not all of them.
 */
async function connects(person: Person, transport: string, withinMs: number): Promise<void> {
  const all: string[] = [];
  let took = Infinity;
  let by: string | null = null;
  for (let round = 0; round < 5 && !(took < withinMs && by === transport); round++) {
    if (round > 0) {
      // Else it would know the way.
      await person.page.evaluate(() => sessionStorage.clear());
      await person.page.reload();
    }
    await expect(person.connection).toHaveAttribute("data-state", "online");
    took = await person.page.evaluate(() => {
      const { triedAt = 0, onlineAt = Infinity } = globalThis as unknown as Times;
      return Math.round(onlineAt - triedAt);
    });
    by = await person.connection.getAttribute("data-transport");
    all.push(`${by} after ${took} ms`);
  }
  console.log(`connected by ${all.join(", ")}`);
  expect([by, took < withinMs], all.join(", ")).toEqual([transport, true]);
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
    const ada = await enter("Ada", proxy.url, {
      query: "&upgradeInterval=500",
      prepare: timeConnecting,
    });
    const bob = await enter("Bob");
    await connects(ada, "sse", 1000);

    await ada.say("@bow tell me about knots");
    await expect(ada.answer).toHaveAttribute("data-stream", "streaming");
    proxy.upgrades("pass");
    await expect(ada.connection).toHaveAttribute("data-transport", "websocket", { timeout: 10_000 });
    await expect(ada.answer).toHaveAttribute("data-stream", "streaming");
    await expect(bob.answer).toHaveAttribute("data-stream", "done", { timeout: 30_000 });
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
  const ada = await enter("Ada", proxy.url, {
    prepare: timeConnecting,
  });
  await connects(ada, "polling", 4000);
  const bob = await enter("Bob");
  await ada.say("by polling");
  await expect(bob.message("by polling")).toHaveCount(1);
  await proxy.close();
});
