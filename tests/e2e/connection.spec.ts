import { FaultProxy } from "../faults/proxy.ts";
import { expect, test } from "./fixtures.ts";

test("the server is killed and started again: it reconnects, and what was typed meanwhile arrives", async ({
  chat,
  enter,
}) => {
  const ada = await enter("Ada");
  const bob = await enter("Bob");
  await chat.kill();
  await expect(ada.connection).toHaveAttribute("data-state", "suspended");
  await expect(ada.page.getByTestId("countdown")).toContainText(/\d/);

  await ada.say("written while away, first");
  await ada.say("written while away, second");
  await expect(ada.message("written while away")).toHaveCount(2);
  await expect(ada.message("written while away, first")).toHaveAttribute("data-status", "pending");

  await chat.start();
  for (const person of [ada, bob]) await expect(person.connection).toHaveAttribute("data-state", "online");
  await expect(ada.message("written while away, second")).toHaveAttribute("data-status", "delivered");
  await expect(bob.message("written while away")).toHaveText([/first/, /second/]);
});

test("WebSocket is blocked: it works by server-sent events and says so", async ({ chat, enter }) => {
  const blocker = await FaultProxy.to(chat.port);
  blocker.upgrades(403);
  const ada = await enter("Ada", blocker.url);
  const bob = await enter("Bob");
  await expect(ada.connection).toHaveAttribute("data-transport", "sse");
  await expect(ada.connection).toContainText("Server-sent events");
  await ada.say("by request");
  await expect(bob.message("by request")).toHaveCount(1);
  await bob.say("by WebSocket");
  await expect(ada.message("by WebSocket")).toHaveCount(1);
  await ada.context.close();
  await blocker.close();
});

test("offline and online again: what was typed meanwhile arrives", async ({ enter }) => {
  const ada = await enter("Ada");
  const bob = await enter("Bob");
  await ada.context.setOffline(true);
  await expect(ada.connection).not.toHaveAttribute("data-state", "online");
  await ada.say("typed offline");
  await expect(ada.message("typed offline")).toHaveAttribute("data-status", "pending");
  await ada.context.setOffline(false);
  await expect(ada.connection).toHaveAttribute("data-state", "online");
  await expect(bob.message("typed offline")).toHaveCount(1);
  await expect(ada.message("typed offline")).toHaveAttribute("data-status", "delivered");
});

test("the link is away for a while: what is typed is kept, with a mark", async ({ chat, enter }) => {
  const proxy = await FaultProxy.to(chat.port);
  const ada = await enter("Ada", proxy.url);
  const bob = await enter("Bob");
  proxy.refuse();
  proxy.cut();
  await expect(ada.connection).toHaveAttribute("data-state", "suspended");
  await ada.say("typed while away");
  await bob.say("said meanwhile");
  await expect(ada.message("typed while away")).toHaveAttribute("data-status", "pending");
  await expect(ada.page.getByTestId("away")).toContainText("Reconnecting… Your messages are kept.");
  proxy.thaw();
  await expect(ada.message("typed while away")).toHaveAttribute("data-status", "delivered");
  await expect(ada.page.getByTestId("away")).toHaveCount(0);
  await expect(bob.message("typed while away")).toHaveCount(1);
  await expect(ada.messages).toHaveText([/said meanwhile/, /typed while away/]);
  await expect(bob.people).toContainText("Ada");
  await proxy.close();
});

test("the link is cut again and again while the assistant writes: no token is missing or doubled", async ({
  chat,
  enter,
}) => {
  const proxy = await FaultProxy.to(chat.port);
  const ada = await enter("Ada", proxy.url);
  const bob = await enter("Bob");
  const [adas, bobs] = [ada.answer, bob.answer];
  await bob.say("@bow tell me about knots");
  let cuts = 0;
  for (; (await bobs.getAttribute("data-stream")) === "streaming"; cuts += 1) {
    const before = await adas.innerText();
    await expect(adas).not.toHaveText(before);
    const again = proxy.accepted();
    proxy.cut();
    await again;
    await expect(ada.connection).toHaveAttribute("data-state", "online");
  }
  await expect(adas).toHaveAttribute("data-stream", "done");
  await expect(adas.locator(".text")).toHaveText(await bobs.locator(".text").innerText());
  expect(cuts).toBeGreaterThan(2);
  await proxy.close();
});

test("what was on its way when the server died comes before what was typed later", async ({
  chat,
  enter,
}) => {
  const proxy = await FaultProxy.to(chat.port);
  const ada = await enter("Ada", proxy.url);
  const bob = await enter("Bob");
  proxy.delay(60_000, "up");
  await ada.say("sent first");
  proxy.refuse();
  await chat.kill();
  await expect(ada.connection).toHaveAttribute("data-state", "suspended");
  await ada.say("sent second");
  await chat.start();
  proxy.delay(0, "up");
  proxy.thaw();
  await expect(ada.connection).toHaveAttribute("data-state", "online", { timeout: 15_000 });
  await expect(ada.message("sent second")).toHaveAttribute("data-status", "delivered");
  await expect(ada.message("sent first")).toHaveAttribute("data-status", "delivered");
  await expect(bob.message("sent")).toHaveText([/first/, /second/]);
  await proxy.close();
});
