import { Server } from "@bowline/server";
import { expect, test } from "vitest";
import { listenUws, uwsMissing } from "../uws-app.ts";
import { attacks } from "./attacks.ts";
import { exposeUws } from "./victim.ts";

if (uwsMissing === undefined) {
  attacks("uWebSockets.js", exposeUws);

  test("[O4] an app answers a path for one server only", async () => {
    const both = [new Server(), new Server(), new Server({ path: "/other" })] as const;
    const { close } = await listenUws((app) => {
      both[0].attachApp(app);
      expect(() => both[0].attachApp(app)).toThrow("/socket.io is answered");
      expect(() => both[1].attachApp(app)).toThrow("another `path`");
      both[2].attachApp(app);
    });
    await Promise.all(both.map((io) => io.close()));
    close();
  });
} else test.skip(uwsMissing, () => expect.unreachable());
