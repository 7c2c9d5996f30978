import { expect, test } from "./fixtures.ts";

test("two people in a room see each other, what they type and what they say", async ({ enter }) => {
  const ada = await enter("Ada");
  const bob = await enter("Bob");
  await expect(ada.people).toContainText("Bob");
  await expect(bob.people).toContainText("Ada");
  await expect(ada.connection).toHaveAttribute("data-transport", "websocket");

  await bob.page.getByTestId("composer").pressSequentially("Hel");
  await expect(ada.page.getByTestId("typing")).toContainText("Bob");

  await bob.say("Hello Ada");
  await expect(ada.message("Hello Ada")).toHaveCount(1);
  await expect(bob.message("Hello Ada")).toHaveAttribute("data-status", "delivered");

  await ada.say("Hello Bob");
  await expect(bob.message("Hello Bob")).toHaveCount(1);
  await expect(bob.page.getByTestId("rtt")).toHaveText(/\d ms/);
});

test("one tick while alone, two when somebody has it, and who joins gets the last messages", async ({
  enter,
}) => {
  const ada = await enter("Ada");
  await ada.say("Anybody there?");
  await expect(ada.message("Anybody there?")).toHaveAttribute("data-status", "sent");
  const bob = await enter("Bob");
  await expect(bob.message("Anybody there?")).toHaveCount(1);
  await expect(ada.message("Anybody there?")).toHaveAttribute("data-status", "delivered");
});

test("who leaves is no longer there", async ({ enter }) => {
  const ada = await enter("Ada");
  const bob = await enter("Bob");
  await expect(ada.people).toContainText("Bob");
  await bob.page.close();
  await expect(ada.people).not.toContainText("Bob");
});

/** 2 × 1 pixels, one red and one blue. */
const IMAGE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAADUlEQVR4nGP4zwAE/wEHAAH/4iOeWQAAAABJRU5ErkJggg==",
  "base64",
);

test("an image that one sends is seen by the other", async ({ enter }) => {
  const ada = await enter("Ada");
  const bob = await enter("Bob");
  await ada.page
    .getByTestId("image-input")
    .setInputFiles({ name: "two.png", mimeType: "image/png", buffer: IMAGE });
  await ada.page.getByTestId("send").click();
  const image = bob.messages.getByRole("img", { name: "Picture from Ada" });
  await expect(image).toBeVisible();
  const width = (): Promise<number> =>
    image.evaluate((element) => (element as HTMLImageElement).naturalWidth);
  await expect.poll(width).toBeGreaterThan(0);
});

test("by keyboard alone, and by the names that a screen reader says", async ({ enter }) => {
  const ada = await enter("Ada");
  const bob = await enter("Bob");
  const { page } = ada;
  await page.bringToFront(); // Firefox gives the focus to one window at a time
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to writing a message" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("textbox", { name: "Message to deck" })).toBeFocused();
  await page.keyboard.type("no mouse here");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("on two lines");
  await page.keyboard.press("Enter");
  await expect(bob.page.getByRole("log", { name: "Messages in deck" })).toContainText("no mouse here");
  await expect(bob.message("on two lines")).toHaveCount(1);
  await expect(page.getByRole("navigation", { name: "Rooms" })).toBeVisible();
  await expect(page.getByRole("region", { name: "Here now" })).toContainText("Bob");
});

test("a narrow page has everything, in a drawer", async ({ enter }) => {
  const ada = await enter("Ada");
  await ada.page.setViewportSize({ width: 360, height: 740 });
  await expect(ada.people).not.toBeInViewport();
  await ada.page.getByRole("button", { name: "Rooms and people" }).click();
  await expect(ada.people).toBeInViewport();
  const overflow = await ada.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
});

test("another room is another conversation, and the address leads to it", async ({ enter }) => {
  const ada = await enter("Ada");
  const bob = await enter("Bob");
  await ada.page.getByRole("navigation", { name: "Rooms" }).getByText("knots").click();
  await expect(ada.page).toHaveURL(/#knots$/);
  await expect(bob.people).not.toContainText("Ada");
  await ada.say("said in knots");
  await expect(ada.message("said in knots")).toHaveAttribute("data-status", "sent");
  await bob.say("said on deck");
  await expect(bob.message("said on deck")).toHaveAttribute("data-status", "sent");
  await expect(bob.message("said in knots")).toHaveCount(0);
  await bob.page.goto(`${new URL(bob.page.url()).origin}/?name=Bob#knots`);
  await expect(bob.message("said in knots")).toHaveCount(1);
});
