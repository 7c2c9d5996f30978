import {
  type Browser,
  type BrowserContext,
  test as base,
  expect,
  type Locator,
  type Page,
} from "@playwright/test";
import type { HostOptions } from "../playwright.config.ts";
import { ChatServer } from "./chat-server.ts";

export interface Entering {
  /** Of the page's address, from an `&` on. */
  readonly query?: string;
  /** Called before the page loads. */
  readonly prepare?: (page: Page) => Promise<void>;
}

/** Somebody with a browser of their own. */
export class Person {
  readonly page: Page;
  readonly context: BrowserContext;

  private constructor(page: Page, context: BrowserContext) {
    this.page = page;
    this.context = context;
  }

  static async enter(browser: Browser, url: string, name: string, entering: Entering): Promise<Person> {
    const context = await browser.newContext();
    const page = await context.newPage();
    await entering.prepare?.(page);
    await page.goto(`${url}/?name=${name}${entering.query ?? ""}#deck`);
    const person = new Person(page, context);
    await expect(person.connection).toHaveAttribute("data-state", "online");
    await expect(person.people).toContainText(name);
    return person;
  }

  get connection(): Locator {
    return this.page.getByTestId("connection");
  }

  get people(): Locator {
    return this.page.getByTestId("people");
  }

  get messages(): Locator {
    return this.page.getByTestId("message");
  }

  /** What the assistant writes. */
  get answer(): Locator {
    return this.messages.and(this.page.locator("[data-stream]"));
  }

  message(text: string): Locator {
    return this.messages.filter({ hasText: text });
  }

  async say(text: string): Promise<void> {
    // Key by key, as people write; React does not notice what Playwright fills into Firefox.
    await this.page.getByTestId("composer").pressSequentially(text);
    await this.page.getByTestId("send").click();
  }
}

interface Fixtures {
  /** From token to token of the assistant. */
  readonly paceMs: number;
  readonly chat: ChatServer;
  /** Opens the chat as somebody; their browsers close with the test. */
  readonly enter: (name: string, url?: string, entering?: Entering) => Promise<Person>;
}

export const test = base.extend<Fixtures & HostOptions>({
  bowlineHost: ["node", { option: true }],
  paceMs: [40, { option: true }],
  chat: async ({ bowlineHost, paceMs }, use) => {
    const chat = await ChatServer.start(bowlineHost, paceMs);
    await use(chat);
    await chat.kill();
  },
  enter: async ({ browser, chat }, use) => {
    const people: Person[] = [];
    await use(async (name, url = chat.url, entering = {}) => {
      const person = await Person.enter(browser, url, name, entering);
      people.push(person);
      return person;
    });
    for (const person of people) await person.context.close();
  },
});

export { expect };
