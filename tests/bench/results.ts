import { readFileSync, writeFileSync } from "node:fs";
import type { Contestant } from "./contestants.ts";
import type { Sample } from "./load/meter.ts";

export type Unit = "µs" | "KB" | "ms" | "%" | "";

export interface RowOptions {
  /** What aims call it. */
  readonly id: string;
  readonly label: string;
  readonly unit: Unit;
}

/** What one contestant did in one row, a number for each turn. */
export interface Cell {
  readonly values: number[];
  /** The generator's CPU as a share of the server's. Above 1 the server waited for the generator. */
  readonly loadShares: number[];
}

export interface Row extends RowOptions {
  /** The title of the workload that it belongs to. */
  readonly section: string;
  readonly cells: Map<string, Cell>;
}

/** How long a workload took, with all that had to be started for it. */
export interface Took {
  readonly workload: string;
  readonly seconds: number;
}

/** As a file holds it. */
interface Kept {
  readonly about: string;
  readonly took: readonly Took[];
  readonly rows: readonly (Omit<Row, "cells"> & { readonly cells: Readonly<Record<string, Cell>> })[];
}

/** All that was measured. */
export class Results {
  readonly rows: Row[] = [];
  readonly took: Took[] = [];
  /** What the rows that are added belong to. */
  section = "";

  row(options: RowOptions): Row {
    const known = this.rows.find(({ id }) => id === options.id);
    if (known) return known;
    const row: Row = { ...options, section: this.section, cells: new Map() };
    this.rows.push(row);
    return row;
  }

  add(options: RowOptions, { name }: Pick<Contestant, "name">, value: number, loadShare = NaN): void {
    const { cells } = this.row(options);
    const cell = cells.get(name) ?? { values: [], loadShares: [] };
    cells.set(name, cell);
    cell.values.push(value);
    if (!Number.isNaN(loadShare)) cell.loadShares.push(loadShare);
  }

  /** The server's CPU for one operation. */
  addSample(options: Omit<RowOptions, "unit">, contestant: Contestant, sample: Sample): void {
    const { serverMicroseconds, loadMicroseconds, operations } = sample;
    const share = loadMicroseconds / serverMicroseconds;
    this.add({ ...options, unit: "µs" }, contestant, serverMicroseconds / operations, share);
  }

  valuesOf(id: string, contestant: string): readonly number[] {
    return this.rows.find((row) => row.id === id)?.cells.get(contestant)?.values ?? [];
  }

  /** Into a file, for `--compare`. */
  save(path: string, about: string): void {
    const rows = this.rows.map((row) => ({ ...row, cells: Object.fromEntries(row.cells) }));
    const kept: Kept = { about, took: this.took, rows };
    writeFileSync(path, `${JSON.stringify(kept)}\n`);
  }

  static read(path: string): Results {
    const { rows, took } = JSON.parse(readFileSync(path, "utf8")) as Kept;
    const results = new Results();
    results.took.push(...took);
    for (const row of rows) results.rows.push({ ...row, cells: new Map(Object.entries(row.cells)) });
    return results;
  }
}
