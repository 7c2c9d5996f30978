import { median } from "../measure/statistics.ts";
import type { Results } from "../results.ts";

/** What is not a ratio: a number with a limit of its own. */
export interface LimitJudged {
  readonly label: string;
  readonly value: number;
  readonly atMost: number;
  readonly unit: string;
  readonly isMet: boolean;
}

const IDLE: readonly (readonly [string, number])[] = [
  ["bowline-uws", 4.5],
  ["bowline-uws+own", 4.5 * 1.15],
  ["bowline-node", 9],
  ["bowline-node+own", 9 * 1.15],
];

/** Round trips by which our client's first event must be sooner. */
const SOONER = 1;
const AT_DELAY_MS = 150;

function judged(label: string, value: number, atMost: number, unit: string): LimitJudged[] {
  return Number.isNaN(value) ? [] : [{ label, value, atMost, unit, isMet: value <= atMost }];
}

export function judgeLimits(results: Results): LimitJudged[] {
  const of = (row: string, contestant: string): number => median(results.valuesOf(row, contestant));
  const idle = IDLE.flatMap(([name, limit]) =>
    judged(`idle connection, ${name}`, of("memory", name), limit, "KB"),
  );
  const row = `first-event.${AT_DELAY_MS}`;
  const stock = of(row, "socketio-ws");
  const first = ["bowline-node+own", "bowline-uws+own"].flatMap((name) =>
    judged(
      `first event at ${AT_DELAY_MS} ms, ${name}`,
      of(row, name),
      stock - SOONER * 2 * AT_DELAY_MS,
      "ms",
    ),
  );
  return [...idle, ...first];
}
