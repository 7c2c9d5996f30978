import { expect, test } from "./fixtures.ts";

test("the assistant streams to both at once, and either may stop it", async ({ enter }) => {
  const ada = await enter("Ada");
  const bob = await enter("Bob");
  await ada.say("@bow how do I tie a bowline?");
  for (const person of [ada, bob]) {
    await expect(person.answer).toHaveAttribute("data-stream", "streaming");
    // It grows before it is finished.
    const length = async (): Promise<number> => (await person.answer.locator(".text").innerText()).length;
    await expect.poll(length).toBeGreaterThan(5);
    const soFar = await length();
    await expect.poll(length).toBeGreaterThan(soFar);
    await expect(person.answer).toHaveAttribute("data-stream", "streaming");
  }

  await bob.page.getByTestId("stop").click();
  for (const person of [ada, bob]) await expect(person.answer).toHaveAttribute("data-stream", "stopped");
  const text = await ada.answer.locator(".text").innerText();
  expect(text.length).toBeGreaterThan(5);
  await expect(bob.answer.locator(".text")).toHaveText(text);
});

test("who comes while it answers gets the part so far and the rest", async ({ enter }) => {
  const ada = await enter("Ada");
  await ada.say("@bow tell me about knots");
  await expect(ada.answer).toHaveAttribute("data-stream", "streaming");
  const bob = await enter("Bob");
  await expect(ada.answer).toHaveAttribute("data-stream", "done", { timeout: 20_000 });
  await expect(bob.answer).toHaveAttribute("data-stream", "done");
  await expect(bob.answer.locator(".text")).toHaveText(await ada.answer.locator(".text").innerText());
});
