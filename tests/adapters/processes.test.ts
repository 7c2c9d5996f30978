import { afterAll, beforeAll, describe } from "vitest";
import { hasPostgres, Postgres } from "./postgres.ts";
import { processesSuite } from "./processes.suite.ts";

const LIBRARIES = ["socket.io", "@bowline/server"];

for (const library of LIBRARIES) {
  processesSuite(`${library}, @socket.io/cluster-adapter and sticky`, () =>
    Promise.resolve({ library, adapter: "cluster" }),
  );
}

if (!hasPostgres) {
  console.log(
    "!! NOT RUN: the tests on PostgreSQL, because it is missing. Debian: apt-get install postgresql",
  );
}
describe.skipIf(!hasPostgres)("@socket.io/postgres-adapter", () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await Postgres.start();
  });
  afterAll(() => postgres.stop());
  for (const library of LIBRARIES) {
    processesSuite(`${library}, @socket.io/postgres-adapter`, () =>
      Promise.resolve({ library, adapter: "postgres", pgUrl: postgres.url }),
    );
  }
});
