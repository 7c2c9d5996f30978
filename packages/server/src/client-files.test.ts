import { readFile } from "node:fs/promises";
import { expect, test, vi } from "vitest";
import { serveClientFile } from "./client-files.ts";
import { TestRequest } from "./testing/test-request.ts";

vi.mock("node:fs/promises", () => ({ readFile: vi.fn() }));

test("[K1] a file is read once, and again if it could not be read", async () => {
  const read = vi.mocked(readFile);
  const ask = (): ReturnType<typeof serveClientFile> =>
    serveClientFile(new TestRequest({ path: "/socket.io/socket.io.js" }), undefined);
  read.mockRejectedValueOnce(new Error("EMFILE"));
  await expect(ask()).rejects.toThrow("EMFILE");
  read.mockResolvedValue(Buffer.from("the client"));
  const answers = await Promise.all([ask(), ask()]);
  expect(answers).toMatchObject(Array(2).fill({ status: 200, body: Buffer.from("the client") }));
  expect(read).toHaveBeenCalledTimes(2);
});
