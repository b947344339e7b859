#!/usr/bin/env bash
# @asyncapi/modelina 5.10.1: a TypeScript interface made of a CloudEvent does not describe it: `type` is `reservedType`.
#
# Every CloudEvent has a member `type`. The interface that is made of its schema has `reservedType` in its place, and
# `endDate` for `end_date`. TypeScript compiles a program that reads `reservedType`, which is undefined in whatever comes;
# it refuses the program that reads `type`, which is there. With the preset for `marshalling`, classes have methods that map
# names both ways; interfaces have no methods, and the preset adds nothing to them.
#
# One would expect the names of the schema, since an interface describes what JSON.parse gives. Neither is `type` reserved
# in TypeScript: a property may have any name, and these need not even be quoted. The documentation has the renaming as a
# rule for names of properties (docs/constraints/TypeScript.md: no reserved keywords, one way of writing), but without a
# word that an interface, which is offered for those who do not care about classes, then does not fit the JSON.
#
#> interface Outcome {
#>   id: string;
#>   reservedType: string;
#>   endDate?: string;
#> }
#> marshalling adds to it: nothing
#> outcome.reservedType: compiles, and is undefined
#> outcome.endDate: compiles, and is undefined
#> outcome.type: Property 'type' does not exist on type 'Outcome'.
#> outcome.end_date: Property 'end_date' does not exist on type 'Outcome'. Did you mean 'endDate'?
#> a class with marshalling: {"id":"1","type":"started","end_date":"2026-12-18"}
#
# What we do: tell partners to have classes made, with `marshalling` (services/outcomes/README.md), and test those.
set -euo pipefail
. "$(dirname "$0")/setup.bash"

node_packages @asyncapi/modelina@5.10.1 typescript@5.9.3

cat >models.mjs <<'JAVASCRIPT'
import { TS_COMMON_PRESET, TypeScriptGenerator } from "@asyncapi/modelina";
import { writeFileSync } from "node:fs";
import typescript from "typescript";

const text = { type: "string" };
const schema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  $id: "Outcome",
  type: "object",
  additionalProperties: false,
  required: ["id", "type"],
  properties: { id: text, type: text, end_date: text },
};
const received = '{"id":"1","type":"started","end_date":"2026-12-18"}';
const marshalling = [{ preset: TS_COMMON_PRESET, options: { marshalling: true } }];

async function made(options) {
  const [{ result }] = await new TypeScriptGenerator(options).generate(schema);
  return result;
}

const plain = await made({ modelType: "interface" });
console.log(plain);
const other = await made({ modelType: "interface", presets: marshalling });
console.log(`marshalling adds to it: ${other === plain ? "nothing" : other}`);

for (const member of ["reservedType", "endDate", "type", "end_date"]) {
  const source = `${plain}\nexport const read = (outcome: Outcome) => outcome.${member};\n`;
  writeFileSync("program.ts", source);
  const program = typescript.createProgram(["program.ts"], { strict: true, noEmit: true, types: [] });
  const [error] = typescript.getPreEmitDiagnostics(program);
  const found = error
    ? typescript.flattenDiagnosticMessageText(error.messageText, " ")
    : `compiles, and is ${JSON.parse(received)[member]}`;
  console.log(`outcome.${member}: ${found}`);
}

const source = `${await made({ modelType: "class", presets: marshalling })}\nexport { Outcome };\n`;
const compilerOptions = { module: "esnext", target: "es2022" };
writeFileSync("outcome.mjs", typescript.transpileModule(source, { compilerOptions }).outputText);
const { Outcome } = await import("./outcome.mjs");
const there = JSON.parse(Outcome.unmarshal(received).marshal());
console.log(`a class with marshalling: ${JSON.stringify(there)}`);
JAVASCRIPT
as_told node models.mjs
