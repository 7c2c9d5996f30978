import type { Bench, Entrant } from "../bench.ts";
import type { FanOutOptions, Shape } from "../load/fan-out.ts";
import type { Workload } from "./workload.ts";

export interface ShapeText {
  readonly shape: Shape;
  readonly text: string;
}

export const SHAPES: readonly ShapeText[] = [
  { shape: "broadcast", text: "namespace" },
  { shape: "room", text: "room" },
  { shape: "socketBroadcast", text: "all but the sender" },
  { shape: "except", text: "all but a room" },
  { shape: "multi", text: "two rooms united" },
  { shape: "direct", text: "one in many" },
];

export const IN_FLIGHT = [1, 4, 16] as const;
const BYTES = 100;
const LARGE = 4_096;

interface Line extends Omit<FanOutOptions, "seconds"> {
  readonly id: string;
  readonly label: string;
}

function usual({ shape, text }: ShapeText, inFlight: number): Line {
  const id = `fan-out.${shape}.${inFlight}`;
  return { id, label: `${text}, ${inFlight} in flight`, shape, inFlight, bytes: BYTES, isBinary: false };
}

/** Other payloads, for the shapes that differ most. */
function payloads({ shape, text }: ShapeText): Line[] {
  const all = { shape, inFlight: 4, id: `fan-out.${shape}.4` };
  return [
    { ...all, id: `${all.id}.large`, label: `${text}, 4 in flight, 4 KB`, bytes: LARGE, isBinary: false },
    { ...all, id: `${all.id}.binary`, label: `${text}, 4 in flight, binary`, bytes: BYTES, isBinary: true },
  ];
}

/** Those beside each other that are compared with each other. */
const LINES: readonly Line[] = [
  ...IN_FLIGHT.flatMap((inFlight) => SHAPES.map((shape) => usual(shape, inFlight))),
  ...SHAPES.filter(({ shape }) => shape === "broadcast" || shape === "socketBroadcast").flatMap(payloads),
];

function ableOf(entrants: readonly Entrant[], shape: Shape): Entrant[] {
  return entrants.filter(({ contestant }) => shape !== "except" || !contestant.lacks.includes("except"));
}

async function warmUp({ scale }: Bench, entrants: readonly Entrant[], line: Line): Promise<void> {
  const seconds = scale.seconds / 4;
  for (const { generator, crowd } of ableOf(entrants, line.shape)) {
    await generator.one({ do: "fanOut", crowd, options: { ...line, seconds } });
  }
}

/** Measures a line with those who can do it. */
export async function measureLine(
  bench: Bench,
  entrants: readonly Entrant[],
  { id, label, ...options }: Line,
): Promise<void> {
  const { seconds } = bench.scale;
  await bench.inTurns(ableOf(entrants, options.shape), async ({ contestant, crowd }, isWarmUp) => {
    const timed = { ...options, seconds: isWarmUp ? seconds / 2 : seconds };
    const sample = await bench.generator.one({ do: "fanOut", crowd, options: timed });
    if (!isWarmUp) bench.results.addSample({ id, label }, contestant, sample);
  });
}

export const fanOut: Workload = {
  name: "fan-out",
  title: "fan-out, for each delivery, 100 B where nothing else is said",
  async run(bench) {
    const entrants = await bench.enterAll(bench.contestants, { count: bench.scale.receivers });
    // Each shape once for nothing: what all lines go through is compiled when the first is measured.
    for (const line of LINES) await warmUp(bench, entrants, line);
    for (const line of LINES) await measureLine(bench, entrants, line);
  },
};
