#!/usr/bin/env node
// A partner that reads its outcomes over NATS, in JavaScript (Node.js 20 or later, `npm install @nats-io/transport-node
// @nats-io/jetstream`).
//
//     node partner.js NAME SEED_FILE [SERVER]
//
// NAME is the partner's, SEED_FILE holds the seed of its key. Prints a line for each message, then acknowledges it. Stop
// it with Ctrl-C and start it again: it goes on where it was, since the server keeps its place.

import { jetstream } from "@nats-io/jetstream";
import { connect, nkeyAuthenticator } from "@nats-io/transport-node";
import { readFile } from "node:fs/promises";

// Does with a message what has to be done. Once this returns, the message is acknowledged and not sent again; when the
// program ends before, it is: keep messages by their `id`, and twice is the same as once.
function take(message) {
  const words = [message.id, message.time, message.type, message.subject];
  if (message.replaces) words.push(`replaces ${message.replaces}`); // this message takes the place of that one: drop it
  console.log([...words, JSON.stringify(message.data)].join("\t"));
}

const [name, seedFile, servers = "nats://127.0.0.1:4222"] = process.argv.slice(2);
if (!seedFile) {
  console.error("usage: node partner.js NAME SEED_FILE [SERVER]");
  process.exit(2);
}
const seed = new TextEncoder().encode((await readFile(seedFile, "utf8")).trim());
const connection = await connect({
  servers,
  authenticator: nkeyAuthenticator(seed),
  // Answers come to an inbox that nobody else may listen to; another one is not permitted.
  inboxPrefix: `_INBOX_${name}`,
  maxReconnectAttempts: -1,
});
const consumer = await jetstream(connection).consumers.get("OUTCOMES", name);
const messages = await consumer.consume();
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => messages.stop());
for await (const message of messages) {
  take(message.json());
  message.ack();
}
await connection.drain();
