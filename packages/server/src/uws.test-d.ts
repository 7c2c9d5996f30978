import type { TemplatedApp } from "uWebSockets.js";
import { expectTypeOf, test } from "vitest";
import { Server } from "./index.ts";
import { uwsHost } from "./uws.ts";

test("an app as uWebSockets.js itself types it can be attached", () => {
  const app = {} as TemplatedApp;
  expectTypeOf(uwsHost).toBeCallableWith(app);
  expectTypeOf(new Server().attachApp).toBeCallableWith(app);
});
