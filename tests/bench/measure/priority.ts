import { writeFileSync } from "node:fs";
import { constants, getPriority, setPriority } from "node:os";

const { PRIORITY_HIGHEST } = constants.priority;

/**
 * A process that waits for its core again and again comes back to caches that others have filled: a delivery of the same
 * program then costs up to 1.7 times as much, and not the same for all programs. So we go first, and all that we start,
 * where we may.
 */
export function goFirst(): void {
  try {
    setPriority(PRIORITY_HIGHEST);
  } catch {
    // Only who administers the machine may.
  }
}

export function goesFirst(): boolean {
  return getPriority() === PRIORITY_HIGHEST;
}

/** Linux weighs sessions first, and processes only within theirs: what has a session of its own takes the rank of ours. */
export function preferSession(pid: number): void {
  if (!goesFirst()) return;
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(PRIORITY_HIGHEST));
  } catch {
    // A system that does not weigh sessions.
  }
}
