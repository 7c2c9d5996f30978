import { churn } from "./churn.ts";
import { connect } from "./connect.ts";
import { echo } from "./echo.ts";
import { fanOut } from "./fan-out.ts";
import { firstEventWorkload } from "./first-event.ts";
import { growth } from "./growth.ts";
import { http } from "./http.ts";
import { loopDelay } from "./loop-delay.ts";
import { memory } from "./memory.ts";
import { rooms } from "./rooms.ts";
import { tokens } from "./tokens.ts";
import type { Workload } from "./workload.ts";

export const WORKLOADS: readonly Workload[] = [
  echo,
  connect,
  memory,
  churn,
  fanOut,
  http,
  tokens,
  loopDelay,
  growth,
  rooms,
  firstEventWorkload,
];

export function workloadsOf(names: readonly string[]): Workload[] {
  const known = WORKLOADS.map(({ name }) => name);
  const strange = names.filter((name) => !known.includes(name));
  if (strange.length > 0) {
    throw new Error(`no workload is called ${strange.join(", ")}; there are ${known.join(", ")}`);
  }
  return WORKLOADS.filter(({ name }) => names.length === 0 || names.includes(name));
}
