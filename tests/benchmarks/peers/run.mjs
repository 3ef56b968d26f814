// One peer's writers, told by lines on standard input how much to append next.
//
//     node run.mjs PEER CONNECTION_STRING WRITERS
//
// Reads {"type", "data"}, what every event holds; then for every line {"first", "each"} lets each
// writer append `each` events, one a time, each to a stream of its own, and prints the seconds.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createInterface } from "node:readline";
import { randomUUID } from "node:crypto";
import pg from "pg";

const [, , peer, connectionString, writersGiven] = process.argv;
const writers = Number(writersGiven);

async function emmett() {
  const { getPostgreSQLEventStore } = await import("@event-driven-io/emmett-postgresql");
  const { STREAM_DOES_NOT_EXIST } = await import("@event-driven-io/emmett");
  const store = getPostgreSQLEventStore(connectionString);
  await store.schema.migrate();
  return {
    append: (number, { type, data }) =>
      store.appendToStream(`staff-S${number}`, [{ type, data }], {
        expectedStreamVersion: STREAM_DOES_NOT_EXIST,
      }),
    close: () => store.close(),
  };
}

// As its installer does, which needs psql; its extension only serves older servers.
const MESSAGE_DB = [
  "schema/message-store", "tables/messages", "types/message", "functions/message-store-version",
  "functions/hash-64", "functions/acquire-lock", "functions/category", "functions/is-category",
  "functions/id", "functions/cardinal-id", "functions/stream-version", "functions/write-message",
  "indexes/messages-id", "indexes/messages-stream", "indexes/messages-category",
];

async function messageDb() {
  const options = "-c search_path=message_store,public";
  const pool = new pg.Pool({ connectionString, options, max: writers });
  for (const name of MESSAGE_DB) {
    const url = import.meta.resolve(`@eventide/message-db/database/${name}.sql`);
    await pool.query(readFileSync(fileURLToPath(url), "utf8"));
  }
  return {
    append: (number, { type, data }) =>
      pool.query({
        name: "write",
        text: "SELECT write_message($1, $2, $3, $4, NULL, -1)",
        values: [randomUUID(), `staff-S${number}`, type, JSON.stringify(data)],
      }),
    close: () => pool.end(),
  };
}

const store = await { "emmett-postgresql": emmett, "message-db": messageDb }[peer]();
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const event = JSON.parse((await lines.next()).value);
for await (const line of lines) {
  const { first, each } = JSON.parse(line);
  const began = process.hrtime.bigint();
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      for (let n = 0; n < each; n += 1) {
        await store.append(first + writer * each + n, event);
      }
    }),
  );
  console.log(Number(process.hrtime.bigint() - began) / 1e9);
}
await store.close();
