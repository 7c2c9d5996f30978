import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** `0-3,8`: the numbers of the processors that we may run on. */
export function parseCpuList(list: string): number[] {
  return list.split(",").flatMap((part) => {
    const [from = NaN, to = from] = part.split("-").map(Number);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
}

function allowed(): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1];
  return parseCpuList(list ?? "");
}

/** `any` is where the system puts it, for what is not about CPU time. */
export type Role = "server" | "load" | "any";

export interface Pinning {
  /** To be put before a command. */
  readonly before: Readonly<Record<Role, readonly string[]>>;
  readonly text: string;
}

/** A core for the server and one for the generator, where there are two and `taskset`. */
export function choosePinning(): Pinning {
  const [server, load] = allowed();
  const hasTaskset = spawnSync("taskset", ["-V"]).status === 0;
  if (server === undefined || load === undefined || !hasTaskset) {
    const text = hasTaskset ? "not pinned: one core only" : "not pinned: no taskset";
    return { before: { server: [], load: [], any: [] }, text };
  }
  return {
    before: { server: ["taskset", "-c", String(server)], load: ["taskset", "-c", String(load)], any: [] },
    text: `server pinned to core ${server}, generator to core ${load}`,
  };
}
