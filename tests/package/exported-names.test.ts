import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as ourClient from "@bowline/client";
import * as ourServer from "@bowline/server";
import * as stockServer from "socket.io";
import * as stockClient from "socket.io-client";
import { expect, test } from "vitest";
import { LEFT_OUT } from "../types/left-out.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The names that a declaration file exports, types and values. */
function exported(path: string): string[] {
  const text = readFileSync(ROOT + path, "utf8").replaceAll(/\/\*[^]*?\*\/|\/\/.*$/gm, "");
  const declared = text.matchAll(
    /^export (?:declare )?(?:abstract )?(?:class|function|const|interface|type) (\w+)/gm,
  );
  const listed = text.matchAll(/^export (?:type )?\{([^}]*)\}/gm);
  const names = [...listed].flatMap(([, list = ""]) =>
    list.split(",").map((item) => item.trim().split(/\s+/).at(-1)),
  );
  return [...declared, ...names.map((name) => ["", name] as const)]
    .map(([, name]) => name ?? "")
    .filter((name) => name !== "")
    .toSorted();
}

test("[P8] every name that can be imported from socket.io can be imported from ours", () => {
  const theirs = exported("tests/node_modules/socket.io/dist/index.d.ts");
  expect(theirs).toEqual(
    expect.arrayContaining(["Event", "ExtendedError", "Namespace", "Server", "ServerOptions"]),
  );
  expect(theirs.length).toBeGreaterThanOrEqual(10);
  const ours = exported("packages/server/dist/index.d.ts");
  expect(theirs.filter((name) => !ours.includes(name))).toEqual([]);
});

test("[P8] every name that can be imported from socket.io-client can be imported from ours, or is listed", () => {
  const theirs = exported("tests/node_modules/socket.io-client/build/esm/index.d.ts");
  expect(theirs).toEqual(
    expect.arrayContaining(["Manager", "Socket", "WebTransport", "default", "io", "protocol"]),
  );
  const ours = exported("packages/client/dist/index.d.ts");
  expect(theirs.filter((name) => !ours.includes(name))).toEqual(Object.keys(LEFT_OUT).toSorted());
});

test("[P8] what is a value there is a value in ours", () => {
  const lacking = (theirs: object, ours: object): string[] =>
    Object.keys(theirs).filter((name) => !(name in ours) && !(name in LEFT_OUT));
  expect(lacking(stockServer, ourServer)).toEqual([]);
  expect(lacking(stockClient, ourClient)).toEqual([]);
});
