import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { decode, encode } from "@jridgewell/sourcemap-codec";
import { parse } from "acorn";

// In which order functions and methods stand means nothing to a program, and much to gzip, which finds again what it saw
// shortly before: some 200 bytes of the whole. `pnpm --filter @bowline/client order` looks for a good one, and writes it into
// bundle-order.json. What has no place there stays where it is.

const ORDERS = new URL("bundle-order.json", import.meta.url);

/** By the file's name: for each group the places of its members. */
export const orders = JSON.parse(readFileSync(ORDERS, "utf8"));

/** How often something is tried in another place. */
const TRIES = 20_000;

export function saveOrders() {
  writeFileSync(ORDERS, `${JSON.stringify(orders)}\n`);
}

/** An order in which the code is smaller; `say` is told by how much. */
export function betterOrder(code, known, say) {
  const groups = groupsOf(code);
  const order = groups.map((group, index) => placesOf(group, known?.[index]));
  const size = () =>
    gzipSync(
      piecesOf(code, groups, order)
        .map(([start, end]) => code.slice(start, end))
        .join(""),
      { level: 9 },
    ).length;
  const before = size();
  let best = before;
  for (let tries = 0; tries < TRIES; tries++) {
    const places = order[Math.floor(Math.random() * order.length)];
    const from = Math.floor(Math.random() * places.length);
    const to = Math.floor(Math.random() * places.length);
    places.splice(to, 0, ...places.splice(from, 1));
    const now = size();
    if (now <= best) best = now;
    else places.splice(from, 0, ...places.splice(to, 1));
  }
  say(`${before} → ${best} bytes`);
  return order;
}

/** Of the members of a group, by numbers: as known, if it is still the same group. */
function placesOf(group, known) {
  return known?.length === group.length ? known : group.map((_, place) => place);
}

/**
 * What may change places: the functions of one block, the methods of one class. Each group is a list of `[start, end]` in
 * the code. Of a group inside another one's member nothing is said, so that no piece moves twice.
 */
function groupsOf(code) {
  const groups = [];
  const visit = (node, isMoved) => {
    if (typeof node?.type !== "string") return;
    const { body } = node;
    const isMember = ({ type, kind }) =>
      type === "FunctionDeclaration" || (type === "MethodDefinition" && kind !== "constructor");
    const members = Array.isArray(body) && !isMoved ? body.filter(isMember) : [];
    if (members.length > 1) groups.push(members.map(({ start, end }) => [start, end]));
    for (const [key, value] of Object.entries(node)) {
      if (key === "type") continue;
      for (const child of [value].flat())
        visit(child, isMoved || (members.length > 1 && members.includes(child)));
    }
  };
  visit(parse(code, { ecmaVersion: "latest", sourceType: "module" }), false);
  return groups;
}

/** The code as pieces, in order: what stays, and the members of the groups where `order` has them. */
function piecesOf(code, groups, order) {
  const slots = groups.flatMap((group, index) => {
    const places = placesOf(group, order?.[index]);
    return group.map((slot, place) => ({ slot, member: group[places[place]] }));
  });
  slots.sort((one, other) => one.slot[0] - other.slot[0]);
  const pieces = [];
  let at = 0;
  for (const { slot, member } of slots) {
    pieces.push([at, slot[0]], member);
    at = slot[1];
  }
  return [...pieces, [at, code.length]];
}

/** Code and source map in that order. */
export function inOrder(code, map, order) {
  const pieces = piecesOf(code, groupsOf(code), order);
  const moved = pieces.map(([start, end]) => code.slice(start, end)).join("");
  const { mappings, ...rest } = JSON.parse(map);
  const starts = lineStarts(code);
  const segments = decode(mappings).flatMap((line, row) =>
    line.map(([column, ...source]) => ({ at: starts[row] + column, source })),
  );
  const lines = [[]];
  const movedStarts = lineStarts(moved);
  let offset = 0;
  for (const [start, end] of pieces) {
    for (const { at, source } of segments) {
      if (at < start || at >= end) continue;
      const place = at - start + offset;
      while (place >= movedStarts[lines.length]) lines.push([]);
      lines.at(-1).push([place - movedStarts[lines.length - 1], ...source]);
    }
    offset += end - start;
  }
  return { code: moved, map: JSON.stringify({ ...rest, mappings: encode(lines) }) };
}

function lineStarts(code) {
  return [0, ...[...code.matchAll(/\n/g)].map(({ index }) => index + 1)];
}
