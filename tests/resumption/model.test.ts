import { Connection, Downlink, Resumption } from "@bowline/server/testing";
import { afterEach, expect, test, vi } from "vitest";
import { type Counts, type ModelOptions, ResumptionModel } from "./model.ts";

afterEach(() => vi.restoreAllMocks());

const VARIANTS: Readonly<Record<string, ModelOptions>> = {
  roomy: { clients: 3, steps: 60, isTight: false, isAsked: false },
  tight: { clients: 3, steps: 60, isTight: true, isAsked: false },
  asked: { clients: 2, steps: 60, isTight: false, isAsked: true },
  both: { clients: 2, steps: 60, isTight: true, isAsked: true },
};
/** Of each variant: 2 000 in all. */
const SEEDS = 500;
/** The one seed to look into, of whichever variant the name of the test picks: `BOWLINE_SEED=17 … -t tight`. */
const ONLY = Number(process.env["BOWLINE_SEED"] ?? 0);

async function run(seed: number, options: ModelOptions): Promise<Counts> {
  try {
    return await new ResumptionModel(seed, options).run();
  } catch (error) {
    throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
  }
}

test.each(Object.entries(VARIANTS))(
  "[U4, U6, U7, U43, U48] everybody gets what the account says, in order and once, or is told: %s",
  async (name, options) => {
    const sum: Counts = { resumes: 0, gaps: 0, live: 0, lost: 0, late: 0, received: 0, handled: 0 };
    for (let seed = ONLY || 1; seed <= (ONLY || SEEDS); seed++) {
      const counts = await run(seed, options);
      for (const what of Object.keys(sum) as (keyof Counts)[]) sum[what] += counts[what];
    }
    console.log(`${ONLY || SEEDS} seeds, ${name}: ${JSON.stringify(sum)}`);
    if (ONLY) return;
    expect(sum.resumes).toBeGreaterThan(SEEDS);
    expect(sum.late).toBeGreaterThan(SEEDS / 10);
    if (options.isTight) expect(Math.min(sum.gaps, sum.live, sum.lost)).toBeGreaterThan(SEEDS / 20);
    else expect(sum.gaps).toBe(0);
  },
  120_000,
);

/** Takes one rule out of the server's classes, from the outside: nothing in them knows of it. */
const BROKEN: Readonly<Record<string, () => void>> = {
  "attempts are not counted"() {
    const { _objection } = Resumption.prototype;
    vi.spyOn(Resumption.prototype, "_objection").mockImplementation(function (this: Resumption, request) {
      return _objection.call(this, { ...request, a: Infinity });
    });
  },
  "a part of what was missed is good enough"() {
    vi.spyOn(Downlink.prototype, "gapBehind").mockReturnValue(undefined);
  },
  "late bytes of a link that was taken over still count"() {
    vi.spyOn(Connection.prototype, "left").mockReturnValue();
    vi.spyOn(Connection.prototype, "abandon").mockImplementation(function (this: Connection) {
      // That its link ends is no news, else the model would see that and not the bytes.
      this.close = () => {};
    });
  },
  "whose socket it is goes by the key alone"() {
    vi.spyOn(Resumption.prototype, "_isUnknownTo").mockReturnValue(false);
  },
};

test.each(Object.entries(BROKEN))(
  "[U4, U5, U6, U7, U48] the model fails when a rule is broken: %s",
  async (name, breakIt) => {
    breakIt();
    let failure: string | undefined;
    for (let seed = 1; seed <= SEEDS && !failure; seed++) {
      for (const options of Object.values(VARIANTS)) {
        await run(seed, options).catch((error: Error) => (failure ??= error.message));
      }
    }
    console.log(`${name}: ${failure?.split("\n")[0]}`);
    expect(failure).toMatch(/client|connected twice|sockets for|waits/);
  },
  120_000,
);
