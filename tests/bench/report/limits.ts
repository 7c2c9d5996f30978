import { median } from "../measure/statistics.ts";
import type { Results } from "../results.ts";
import { WORKLOADS } from "../workloads/workloads.ts";

/** What is not a ratio: a number with a limit of its own. */
export interface LimitJudged {
  readonly label: string;
  readonly value: number;
  readonly limit: number;
  readonly unit: string;
  /** Otherwise at most. */
  readonly isAtLeast: boolean;
  readonly isMet: boolean;
}

interface Limit {
  readonly row: string;
  readonly label: string;
  readonly unit: string;
  readonly limit: number;
  readonly contestants: readonly string[];
}

/** A client of Bowline may cost so much more than a stock one. */
const OWN = 1.15;

/** Round trips by which our client's first event must be sooner. */
const SOONER = 1;
const AT_DELAY_MS = 150;

const STOCK = ["bowline-uws", "bowline-node"];

const LIMITS: readonly Limit[] = [
  ...[
    ["bowline-uws", 4.5] as const,
    ["bowline-uws+own", 4.5 * OWN] as const,
    ["bowline-node", 9] as const,
    ["bowline-node+own", 9 * OWN] as const,
  ].map(([name, limit]) => ({
    row: "memory",
    label: "idle connection",
    unit: "KB",
    limit,
    contestants: [name],
  })),
  { row: "churn.rss", label: "RSS after many came and went", unit: "%", limit: 5, contestants: STOCK },
  { row: "churn.heap", label: "heap after many came and went", unit: "%", limit: 5, contestants: STOCK },
  {
    row: "loop-delay.p99",
    label: "event loop's delay during a broadcast to many, p99",
    unit: "ms",
    limit: 50,
    contestants: STOCK,
  },
  {
    row: "loop-delay.ack.p99",
    label: "others' acks during a broadcast to many, p99",
    unit: "ms",
    limit: 50,
    contestants: STOCK,
  },
];

const MINUTES = 10;

function judged(one: Omit<LimitJudged, "isMet">): LimitJudged[] {
  const { value, limit, isAtLeast } = one;
  if (Number.isNaN(value)) return [];
  return [{ ...one, isMet: isAtLeast ? value >= limit : value <= limit }];
}

export function judgeLimits(results: Results): LimitJudged[] {
  const of = (row: string, contestant: string): number => median(results.valuesOf(row, contestant));
  const plain = LIMITS.flatMap(({ row, label, unit, limit, contestants }) =>
    contestants.flatMap((name) =>
      judged({ label: `${name}: ${label}`, value: of(row, name), limit, unit, isAtLeast: false }),
    ),
  );
  return [...plain, ...firstEvents(of), ...length(results)];
}

function firstEvents(of: (row: string, contestant: string) => number): LimitJudged[] {
  const row = `first-event.${AT_DELAY_MS}`;
  return ["bowline-uws+own", "bowline-node+own"].flatMap((name) =>
    judged({
      label: `${name}: first event at ${AT_DELAY_MS} ms one way, round trips sooner than Socket.IO's`,
      value: (of(row, "socketio-ws") - of(row, name)) / (2 * AT_DELAY_MS),
      limit: SOONER,
      unit: "",
      isAtLeast: true,
    }),
  );
}

/** A run of only some workloads is not judged by its length. */
function length({ took }: Results): LimitJudged[] {
  const done = new Set(took.map(({ workload }) => workload));
  if (!WORKLOADS.every(({ name }) => done.has(name))) return [];
  const value = took.reduce((sum, { seconds }) => sum + seconds, 0) / 60;
  return judged({ label: "all of this", value, limit: MINUTES, unit: "min", isAtLeast: false });
}
