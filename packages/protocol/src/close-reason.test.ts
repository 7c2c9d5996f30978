import { describe, expect, it } from "vitest";
import { CLOSE_REASONS, type CloseReason } from "./close-reason.ts";

const reasons = Object.entries(CLOSE_REASONS) as [CloseReason, (typeof CLOSE_REASONS)[CloseReason]][];

describe("CLOSE_REASONS", () => {
  it("[E20] has every reason that Socket.IO has, by its name, and no other", () => {
    const server = [
      [
        "transport error",
        "transport close",
        "forced close",
        "ping timeout",
        "parse error",
        "server shutting down",
      ],
      ["forced server close", "client namespace disconnect", "server namespace disconnect"],
    ].flat();
    const client = [
      "io server disconnect",
      "io client disconnect",
      "ping timeout",
      "transport close",
      "transport error",
    ];
    expect(Object.keys(CLOSE_REASONS).toSorted()).toEqual([...new Set([...server, ...client])].toSorted());
  });

  it("[S40] only who was sent away, or left, stays away", () => {
    const final = reasons.filter(([, rule]) => !rule.reconnect).map(([reason]) => reason);
    expect(final).toEqual([
      "client namespace disconnect",
      "server namespace disconnect",
      "io server disconnect",
      "io client disconnect",
    ]);
  });

  it("[E20] the layer says who ended it", () => {
    const of = (layer: string): string[] =>
      reasons.filter(([, rule]) => rule.layer === layer).map(([reason]) => reason);
    expect(of("transport")).toEqual(["transport close", "transport error"]);
    expect(of("engine")).toEqual(["ping timeout", "parse error", "forced close"]);
    expect(of("socket")).toHaveLength(6);
  });
});
