import { expect, type Person, test } from "./fixtures.ts";

const answerOf = (person: Person) => person.messages.and(person.page.locator("[data-stream]"));

test("the assistant streams to both at once, and either may stop it", async ({ enter }) => {
  const ada = await enter("Ada");
  const bob = await enter("Bob");
  await ada.say("@bow how do I tie a bowline?");
  for (const person of [ada, bob]) {
    await expect(answerOf(person)).toHaveAttribute("data-stream", "streaming");
    // It grows before it is finished.
    const length = async (): Promise<number> => (await answerOf(person).locator(".text").innerText()).length;
    await expect.poll(length).toBeGreaterThan(5);
    const soFar = await length();
    await expect.poll(length).toBeGreaterThan(soFar);
    await expect(answerOf(person)).toHaveAttribute("data-stream", "streaming");
  }

  await bob.page.getByTestId("stop").click();
  for (const person of [ada, bob]) await expect(answerOf(person)).toHaveAttribute("data-stream", "stopped");
  const text = await answerOf(ada).locator(".text").innerText();
  expect(text.length).toBeGreaterThan(5);
  await expect(answerOf(bob).locator(".text")).toHaveText(text);
});

test("who comes while it answers gets the part so far and the rest", async ({ enter }) => {
  const ada = await enter("Ada");
  await ada.say("@bow tell me about knots");
  await expect(answerOf(ada)).toHaveAttribute("data-stream", "streaming");
  const bob = await enter("Bob");
  await expect(answerOf(ada)).toHaveAttribute("data-stream", "done", { timeout: 20_000 });
  await expect(answerOf(bob)).toHaveAttribute("data-stream", "done");
  await expect(answerOf(bob).locator(".text")).toHaveText(await answerOf(ada).locator(".text").innerText());
});
