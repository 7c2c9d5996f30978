import { type Column, COLUMNS, missing } from "./column.ts";
import { OWNER_ROW } from "./row-owner.ts";
import type { Row, Scale, Seen } from "./row.ts";
import { ACK_ROWS } from "./rows-acks.ts";
import { LINK_ROWS } from "./rows-links.ts";
import { SERVER_ROWS } from "./rows-server.ts";

/** What users of Socket.IO 4.8.4 complain of, and what becomes of it here. */
export const ROWS: readonly Row[] = [...LINK_ROWS, ...ACK_ROWS, OWNER_ROW, ...SERVER_ROWS].toSorted(
  (one, other) => Number(one.id.slice(1)) - Number(other.id.slice(1)),
);

export interface Finding {
  readonly column: Column;
  readonly seen: Seen;
  /** Whether it is for us to show what is expected. */
  readonly isJudged: boolean;
}

/** One column after the other, where they would disturb each other. */
export async function look(row: Row, columns: readonly Column[], scale: Scale): Promise<Finding[]> {
  const lookAt = async (column: Column): Promise<Finding> => {
    const seen = await row.look(column, scale);
    return { column, seen, isJudged: row.judged.includes(column.kind) };
  };
  if (row.isIdle) return Promise.all(columns.map(lookAt));
  const findings: Finding[] = [];
  for (const column of columns) findings.push(await lookAt(column));
  return findings;
}

export function failed({ seen, isJudged }: Finding): boolean {
  return isJudged && !seen.isGood;
}

export function table(row: Row, findings: readonly Finding[]): string {
  const width = Math.max(...COLUMNS.map(({ name }) => name.length));
  const lines = findings.map((finding) => {
    const mark = finding.isJudged ? (finding.seen.isGood ? "✓" : "✗") : " ";
    return `   ${mark} ${finding.column.name.padEnd(width)}  ${finding.seen.text}`;
  });
  return [
    `${row.id.padEnd(4)} ${row.situation}`,
    ...lines,
    `     ${"expected of Bowline".padEnd(width)}  ${row.expected}`,
    "",
  ].join("\n");
}

export { COLUMNS, missing };
