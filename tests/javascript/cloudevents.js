// Reads messages of partners on standard input, one a line, with the CloudEvents SDK for JavaScript, which checks each
// against the specification; prints what it read of each.

import { HTTP } from "cloudevents";
import { createInterface } from "node:readline";

for await (const body of createInterface({ input: process.stdin })) {
  const event = HTTP.toEvent({ headers: { "content-type": "application/cloudevents+json" }, body });
  event.validate();
  console.log(JSON.stringify({ id: event.id, type: event.type, source: event.source, subject: event.subject }));
}
