import { type Ratio, ratioOf } from "../measure/statistics.ts";
import type { Results } from "../results.ts";
import { IN_FLIGHT, SHAPES } from "../workloads/fan-out.ts";

/** Something measured: a row's cell. */
interface Place {
  readonly row: string;
  readonly contestant: string;
  /** A row of which it is a multiple, turn by turn. */
  readonly per?: string;
}

/** That one thing is at most so many times another. */
export interface Aim {
  readonly group: string;
  readonly label: string;
  readonly ours: Place;
  readonly theirs: Place;
  /** Infinite where it is shown beside another aim: what the host itself does. */
  readonly atMost: number;
}

export interface Judged extends Aim {
  readonly ratio: Ratio;
  readonly isMet: boolean;
}

const UWS = "on uWebSockets.js";
const NODE = "on node:http and ws";
const OWN = "clients of Bowline against stock ones";
const GROWTH = "growth";

function against(
  group: string,
  row: string,
  label: string,
  [ours, theirs, atMost]: [string, string, number],
): Aim {
  const name = `${label} ÷ ${theirs}`;
  return { group, label: name, ours: { row, contestant: ours }, theirs: { row, contestant: theirs }, atMost };
}

const ONE_BY_ONE: readonly Aim[] = [
  against(UWS, "echo", "event + ack", ["bowline-uws", "floor-uws", 1.7]),
  against(UWS, "echo", "event + ack", ["bowline-uws", "socketio-uws", 0.6]),
  against(UWS, "connect", "connect and close", ["bowline-uws", "floor-uws", 2.5]),
  against(NODE, "echo", "event + ack", ["bowline-node", "floor-ws", 1.25]),
  against(NODE, "echo", "event + ack", ["bowline-node", "socketio-ws", 0.7]),
  against(NODE, "connect", "connect and close", ["bowline-node", "socketio-ws", 0.5]),
];

/** The floor of every shape is uWS's publish, measured in the same turns; of `except`, which it lacks, the one that leaves out who publishes. */
function shapesOnUws(): Aim[] {
  return SHAPES.filter(({ shape }) => shape !== "direct").flatMap(({ shape, text }) =>
    [1, 16].map((inFlight) => ({
      group: UWS,
      label: `${text}, ${inFlight} in flight ÷ floor-uws's publish`,
      ours: { row: `fan-out.${shape}.${inFlight}`, contestant: "bowline-uws" },
      theirs: {
        row: `fan-out.${shape === "except" ? "socketBroadcast" : shape}.${inFlight}`,
        contestant: "floor-uws",
      },
      atMost: 1.3,
    })),
  );
}

function shapesOnNode(): Aim[] {
  const limits = [
    [1, 0.9],
    [16, 0.3],
  ] as const;
  return SHAPES.filter(({ shape }) => shape !== "direct").flatMap(({ shape, text }) =>
    limits.map(([inFlight, atMost]) =>
      against(NODE, `fan-out.${shape}.${inFlight}`, `${text}, ${inFlight} in flight`, [
        "bowline-node",
        "socketio-ws",
        atMost,
      ]),
    ),
  );
}

function withOwnClients(): Aim[] {
  const rows = [
    { row: "echo", label: "event + ack" },
    { row: "connect", label: "connect and close" },
    ...SHAPES.flatMap(({ shape, text }) =>
      IN_FLIGHT.filter((inFlight) => inFlight !== 4).map((inFlight) => ({
        row: `fan-out.${shape}.${inFlight}`,
        label: `${text}, ${inFlight} in flight`,
      })),
    ),
  ];
  return ["bowline-uws", "bowline-node"].flatMap((ours) =>
    rows.map(({ row, label }) => ({
      group: OWN,
      label: `${ours}: ${label}`,
      ours: { row, contestant: `${ours}+own` },
      theirs: { row, contestant: ours },
      atMost: 1.15,
    })),
  );
}

const FLAT = [
  ["growth.1000", "growth.100", "a delivery to 1 000 receivers ÷ to 100"],
  ["growth.10000", "growth.100", "a delivery to 10 000 receivers ÷ to 100"],
  ["rooms.join.10000", "rooms.join.10", "join or leave, in 10 000 rooms ÷ in 10"],
  ["rooms.emit.10000", "rooms.emit.10", "event to one of 10 000 rooms ÷ of 10"],
  ["opening.late", "opening.early", "opening the last of many ÷ the first"],
] as const;

const FLAT_WITHIN = 1.2;

/** How each grows, how its host's floor does, and how much of ours is not the host's. */
function flat(): Aim[] {
  const pairs = [
    ["bowline-uws", "floor-uws"],
    ["bowline-node", "floor-ws"],
  ] as const;
  return pairs.flatMap(([ours, floor]) =>
    FLAT.flatMap(([large, small, label]) => {
      const growthOf = (contestant: string, atMost: number): Aim => ({
        group: GROWTH,
        label: `${contestant}: ${label}`,
        ours: { row: large, contestant },
        theirs: { row: small, contestant },
        atMost,
      });
      const beyond: Aim = {
        group: GROWTH,
        label: `${ours}: ${label}, beyond ${floor}'s`,
        ours: { row: large, per: small, contestant: ours },
        theirs: { row: large, per: small, contestant: floor },
        atMost: Infinity,
      };
      return [growthOf(ours, FLAT_WITHIN), growthOf(floor, Infinity), beyond];
    }),
  );
}

const AIMS: readonly Aim[] = [
  ...ONE_BY_ONE,
  ...shapesOnUws(),
  ...shapesOnNode(),
  ...withOwnClients(),
  ...flat(),
];

/** Those of which both sides were measured. */
export function judge(results: Results): Judged[] {
  return AIMS.flatMap((aim) => {
    const values = ({ row, per, contestant }: Place): readonly number[] => {
      const all = results.valuesOf(row, contestant);
      if (per === undefined) return all;
      const divisors = results.valuesOf(per, contestant);
      return all.slice(0, divisors.length).map((value, turn) => value / (divisors[turn] ?? NaN));
    };
    const ratio = ratioOf(values(aim.ours), values(aim.theirs));
    return ratio ? [{ ...aim, ratio, isMet: ratio.value <= aim.atMost }] : [];
  }).sort((a, b) => GROUPS.indexOf(a.group) - GROUPS.indexOf(b.group));
}

const GROUPS: readonly string[] = [UWS, NODE, OWN, GROWTH];
