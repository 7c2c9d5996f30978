import { expect, test } from "vitest";
import { Results } from "../results.ts";
import { measuredTables } from "./table.ts";

test("each workload has a table of its own, with those alone that it measured", () => {
  const results = new Results();
  results.section = "an event's way";
  results.add({ id: "echo", label: "event + ack", unit: "µs" }, { name: "floor-ws" }, 5);
  results.add({ id: "echo", label: "event + ack", unit: "µs" }, { name: "bowline-node" }, 6);
  results.section = "memory";
  results.add({ id: "memory", label: "idle connection", unit: "KB" }, { name: "bowline-node" }, 8);
  expect(measuredTables(results).split("\n")).toEqual([
    "### An event's way",
    "",
    expect.stringMatching(/^\| +\| floor-ws \| +bowline-node \|$/),
    expect.stringMatching(/^\|[ :|-]+\|$/),
    expect.stringMatching(/^\| event \+ ack, µs \| +5\.00 \| +6\.00 1\.20× ±0 \|$/),
    "",
    "### Memory",
    "",
    expect.stringMatching(/^\| +\| bowline-node \|$/),
    expect.stringMatching(/^\|[ :|-]+\|$/),
    expect.stringMatching(/^\| idle connection, KB \| +8\.00 \|$/),
  ]);
});
