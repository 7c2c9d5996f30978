// Reads COMPATIBILITY.md and says how much of Socket.IO is covered: `npm run compat`. Exit code 1, and why, when a row has
// no proof, or one that no test is, or when too many rows differ. Usage: node tests/compatibility.mjs [table.md]
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** The share of rows that may differ. */
const MAX_DEVIATING = 0.02;

/** Rows as the tables write them: `| 3.01 H | Socket.IO | Bowline | proof |`. */
function readRows(markdown) {
  const rows = [];
  for (const line of markdown.split("\n")) {
    const [, id, value, rest] = /^\| (\d+\.\d+) ([HM–]) \| (.*) \|$/.exec(line) ?? [];
    if (id === undefined) continue;
    const cells = rest.split(/ (?<!\\)\| /);
    const [theirs, ours, proof] = cells;
    rows.push({ id, value, theirs, ours, cells: cells.length, proofs: readProofs(proof ?? "") });
  }
  return rows;
}

/** `E7, S12, `a test's name``: rules are bare, names and paths stand between backticks. */
function readProofs(cell) {
  return [...cell.matchAll(/`([^`]+)`|([^,\s`][^,`]*)/g)].map(([, quoted, bare]) =>
    quoted === undefined ? { rule: bare.trim() } : { text: quoted },
  );
}

/** All that a proof may name: the titles and texts of the tests, and the rules that tests begin with. */
function readTests() {
  let texts = "";
  for (const folder of ["packages", "tests"]) {
    for (const entry of readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: "utf8" })) {
      if (/node_modules|dist|compatibility/.test(entry) || !/\.m?tsx?$/.test(entry)) continue;
      if (folder === "packages" && !/\.test(-d)?\.ts$|\.suite\.ts$/.test(entry)) continue;
      texts += readFileSync(`${ROOT}${folder}/${entry}`, "utf8");
    }
  }
  const rules = new Set();
  for (const [, list] of texts.matchAll(/["`]\[((?:[A-Z]\d+(?:, )?)+)\]/g)) {
    for (const rule of list.split(", ")) rules.add(rule);
  }
  return { texts, rules };
}

/** What is wrong with the table, row by row; empty when nothing is. */
function findFaults(rows, { texts, rules }) {
  const faults = [];
  const seen = new Set();
  for (const { id, ours, cells, proofs } of rows) {
    if (seen.has(id)) faults.push(`${id}: the number stands twice`);
    seen.add(id);
    if (cells !== 3) faults.push(`${id}: ${cells + 1} cells instead of 4`);
    if (proofs.length === 0) faults.push(`${id}: no proof`);
    if (isDeviating({ ours }) && !/^\*\*differs\*\*.{20}/.test(ours))
      faults.push(`${id}: differs without a reason`);
    for (const { rule, text } of proofs) {
      if (rule !== undefined && !rules.has(rule)) faults.push(`${id}: no test begins with [${rule}]`);
      if (
        text?.includes("/") && /\.m?ts$/.test(text) ? !existsSync(ROOT + text) : text && !texts.includes(text)
      ) {
        faults.push(`${id}: no test is called "${text}"`);
      }
    }
  }
  const { rated, deviating } = count(rows);
  if (deviating.length / rated.length >= MAX_DEVIATING) {
    faults.push(`${deviating.length} of ${rated.length} rows differ: too many`);
  }
  return faults;
}

function isDeviating({ ours }) {
  return ours.startsWith("**differs**");
}

/** Rows that apps hardly rely on (–) stand in the table, and are not counted. */
function count(rows) {
  const rated = rows.filter(({ value }) => value !== "–");
  return { rated, deviating: rated.filter(isDeviating) };
}

function summary(rows) {
  const { rated, deviating } = count(rows);
  const share = ((100 * deviating.length) / rated.length).toFixed(1);
  const ids = deviating.map(({ id }) => id).join(", ");
  const covered = rated.length - deviating.length;
  return `Socket.IO 4.8.4, rows rated H or M: ${rated.length}; covered ${covered}; deviating ${deviating.length} (${share} %): ${ids}`;
}

const [, , table = `${ROOT}COMPATIBILITY.md`] = process.argv;
const rows = readRows(readFileSync(table, "utf8"));
const faults = findFaults(rows, readTests());
for (const fault of faults) console.log(fault);
console.log(summary(rows));
process.exitCode = faults.length > 0 ? 1 : 0;
