import { afterEach, expect, test, vi } from "vitest";
import { type ModelOptions, RecoveryModel } from "../testing/recovery-model.ts";
import { RecoveryJournal } from "./recovery-journal.ts";
import { RecoverySession } from "./recovery-session.ts";
import { Socket } from "./socket.ts";

afterEach(() => vi.restoreAllMocks());

const SEEDS = 1_500;
const VARIANTS: readonly [string, ModelOptions][] = [
  ["with enough room", { clients: 3, steps: 80, isTight: false, isAsked: false }],
  ["with a middleware that takes its time", { clients: 3, steps: 80, isTight: false, isAsked: true }],
  ["with too little room", { clients: 4, steps: 80, isTight: true, isAsked: false }],
  ["with too little room and a middleware", { clients: 4, steps: 80, isTight: true, isAsked: true }],
];

async function run(seed: number, options: ModelOptions): Promise<RecoveryModel> {
  const model = new RecoveryModel(seed, options);
  try {
    await model.run();
  } catch (error) {
    throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
  }
  return model;
}

test.each(VARIANTS)(
  "[R2, R9] every client gets what the model says, once and in order, %s",
  async (_name, options) => {
    let [resumed, refused] = [0, 0];
    for (let seed = 1; seed <= SEEDS; seed++) {
      const model = await run(seed, options);
      resumed += model.resumed;
      refused += model.refused;
    }
    expect(resumed).toBeGreaterThan(SEEDS);
    expect(refused).toBeGreaterThan(SEEDS / 10);
  },
  120_000,
);

/** Each breaks one rule; the model must notice, or it proves nothing. */
const BROKEN: readonly [string, number, () => void][] = [
  [
    "no journal: rooms are those of the end",
    0,
    () => void vi.spyOn(RecoveryJournal.prototype, "add").mockReturnValue(),
  ],
  [
    "what was sent into a dead link is forgotten",
    2,
    () => void vi.spyOn(RecoverySession.prototype, "sent").mockReturnValue(),
  ],
  [
    "a part of what was missed is good enough",
    2,
    (): void => {
      const { replay } = RecoverySession.prototype;
      vi.spyOn(RecoverySession.prototype, "isComplete").mockReturnValue(true);
      vi.spyOn(RecoverySession.prototype, "replay").mockImplementation(function (
        this: RecoverySession,
        ...args
      ) {
        return replay.apply(this, args) ?? [];
      });
    },
  ],
  [
    "what was dropped is of no concern",
    2,
    () => void vi.spyOn(RecoverySession.prototype, "isMeantBy").mockReturnValue(false),
  ],
  ["the old connection stays", 0, () => void vi.spyOn(Socket.prototype, "_takenOver").mockReturnValue()],
  [
    "a late connection takes over",
    1,
    () => void vi.spyOn(RecoverySession.prototype, "isPast").mockReturnValue(false),
  ],
];

test.each(BROKEN)("[R2, R9] the model fails when a rule is broken: %s", async (_rule, variant, breakIt) => {
  const options = VARIANTS[variant]?.[1];
  if (!options) throw new Error("no such variant");
  breakIt();
  let failure: unknown;
  for (let seed = 1; seed <= SEEDS && failure === undefined; seed++) {
    await run(seed, options).catch((error: unknown) => (failure = error));
  }
  expect(failure).toBeInstanceOf(Error);
});
