// Reads an AsyncAPI document on standard input with the official parser; prints as JSON what is wrong with it, and
// what it found.

import { Parser } from "@asyncapi/parser";
import { text } from "node:stream/consumers";

const { document, diagnostics } = await new Parser().parse(await text(process.stdin));
const told = diagnostics.map(({ code, message, path }) => ({ code, message, path: path.join(".") }));
console.log(
  JSON.stringify({
    diagnostics: told,
    version: document?.version(),
    channels: document?.channels().all().map((channel) => channel.address()),
    messages: document?.messages().all().map((message) => message.name()),
  }),
);
