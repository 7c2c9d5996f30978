import { monitorEventLoopDelay } from "node:perf_hooks";
import { getHeapSpaceStatistics } from "node:v8";

/** What the driver may ask of a target that it started, over IPC. */
export type Question = "collect" | "watchLoop" | "loopDelay";

/** What is answered: the heap behind a collection of garbage, in KB; or the loop's longest delay since it is watched, in ms. */
export interface ControlAnswer {
  readonly heapKb?: number;
  readonly youngKb?: number;
  readonly longestMs?: number;
}

/** The finest there is. */
const RESOLUTION_MS = 1;
const SETTLED_MS = 5 * RESOLUTION_MS;

const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

function collect(): ControlAnswer {
  globalThis.gc?.();
  globalThis.gc?.(); // what the first one's finalizers let go
  const { heapUsed, external } = process.memoryUsage();
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space");
  return {
    heapKb: (heapUsed + external) / 1_024,
    youngKb: (young?.physical_space_size ?? 0) / 1_024,
  };
}

/** The first that it measures is what lies between its timer's first run and the second: watched is from then on. */
function watchLoop(watching: () => void): void {
  delays.enable();
  delays.reset();
  setTimeout(watching, SETTLED_MS);
}

/** What kept the loop busy until now is measured when the timer has run once more. */
function loopDelay(answer: (longestMs: number) => void): void {
  setTimeout(() => {
    delays.disable();
    answer(delays.max / 1e6);
  }, SETTLED_MS);
}

/** Where nobody started it over IPC nobody asks. */
export function answerQuestions(): void {
  const answer = (what: ControlAnswer): void => void process.send?.(what);
  process.on("message", (question: Question) => {
    if (question === "collect") answer(collect());
    else if (question === "watchLoop") watchLoop(() => answer({}));
    else loopDelay((longestMs) => answer({ longestMs }));
  });
  process.once("disconnect", () => process.exit());
}
