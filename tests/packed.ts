import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { npm } from "./npm.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

export const PACKAGES = ["protocol", "server", "client"] as const;
export type PackageName = (typeof PACKAGES)[number];

/** A package as npm would publish it. */
export interface Packed {
  readonly name: string;
  readonly version: string;
  /** The tarball; what is in it is part of its name, so that npm's caches cannot mistake it for an older one. */
  readonly tarball: string;
  readonly files: readonly string[];
}

export type AllPacked = Readonly<Record<PackageName, Packed>>;

/** Where tests keep what the next run can use again: outside the workspace, one place per checkout. */
export const KEPT: string = join(
  tmpdir(),
  `bowline-tests-${createHash("sha256").update(ROOT).digest("hex").slice(0, 8)}`,
);

/** Packs the three as they are built. `npm test` builds before it tests. */
export async function pack(): Promise<AllPacked> {
  const folder = join(KEPT, "tarballs");
  mkdirSync(folder, { recursive: true });
  const own = mkdtempSync(join(folder, "packing-")); // another test file may be packing too
  const places = PACKAGES.map((name) => join(ROOT, "packages", name));
  const output = await npm(ROOT, ["pack", "--json", "--pack-destination", own, ...places]);
  const rows = JSON.parse(output) as {
    readonly name: string;
    readonly version: string;
    readonly filename: string;
    readonly shasum: string;
    readonly files: readonly { readonly path: string }[];
  }[];
  const packed = rows.map(({ name, version, filename, shasum, files }) => {
    const tarball = join(folder, filename.replace(/\.tgz$/, `-${shasum.slice(0, 10)}.tgz`));
    renameSync(join(own, filename), tarball);
    return [name.replace("@bowline/", ""), { name, version, tarball, files: files.map((file) => file.path) }];
  });
  rmSync(own, { recursive: true });
  return Object.fromEntries(packed) as Record<PackageName, Packed>;
}
