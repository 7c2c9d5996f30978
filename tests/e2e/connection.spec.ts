import { expect, test } from "./fixtures.ts";
import { blockWebSockets } from "./websocket-blocker.ts";

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

test("WebSocket is blocked: it works over polling and says so", async ({ chat, enter }) => {
  const blocker = await blockWebSockets(chat.port);
  const ada = await enter("Ada", blocker.url);
  const bob = await enter("Bob");
  await expect(ada.connection).toHaveAttribute("data-transport", "polling");
  await expect(ada.page.getByText("WebSocket seems to be blocked")).toBeVisible();
  await ada.say("by polling");
  await expect(bob.message("by polling")).toHaveCount(1);
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
