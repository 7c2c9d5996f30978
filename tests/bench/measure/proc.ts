import { readdirSync, readFileSync } from "node:fs";

/** Nanoseconds that each of its threads ran: exact, where utime and stime of `stat` are in hundredths of a second. */
function scheduled(pid: number): number | undefined {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const ran = Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "latin1").split(" ")[0]);
    nanoseconds += ran;
  }
  return nanoseconds > 0 ? nanoseconds : undefined;
}

const TICKS_PER_SECOND = 100;

/** utime and stime, the 14th and 15th field; the second is a name in brackets, which may hold anything. */
export function ticksOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

/** What the system says that a process ran, in user and system time together. */
export function cpuMicroseconds(pid: number): number {
  let nanoseconds: number | undefined;
  try {
    nanoseconds = scheduled(pid);
  } catch {
    // A kernel without schedstat, or a thread that ended meanwhile.
  }
  if (nanoseconds !== undefined) return nanoseconds / 1_000;
  return (ticksOf(readFileSync(`/proc/${pid}/stat`, "latin1")) / TICKS_PER_SECOND) * 1e6;
}

export interface Memory {
  readonly rssKb: number;
  readonly pssKb: number;
}

export function memoryOf(pid: number): Memory {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
  const field = (name: string): number =>
    Number(new RegExp(`^${name}: +(\\d+) kB`, "m").exec(rollup)?.[1] ?? NaN);
  return { rssKb: field("Rss"), pssKb: field("Pss") };
}
