#!/usr/bin/env bash
# Spectral (@stoplight/spectral-core 1.24.1, -rulesets 1.23.1, -functions 1.11.1): `pattern` is read without Unicode, and a
# contract with a character beyond U+FFFF in a range is called invalid.
#
# By the recommended rules for OpenAPI, `oas3-schema` calls a pattern no regular expression at all if it has a range of such
# characters (a pair of surrogates is read as two, and the range from the end of one to the beginning of the next is out of
# order). A pattern it does read is held against half characters: `^.$` refuses one emoji, and `\p{L}` no letter at all but
# the text `p{L}` (`oas3-valid-media-example`).
#
# JSON Schema 2020-12 (Core, 6.4), which OpenAPI 3.1 refers to, says that regular expressions should be built with the flag
# `u`, or so as to give the Unicode support of ECMA-262. Ajv does it, and Spectral validates by Ajv, but turns it off.
# Spectral's own function `pattern` for rules is another matter: there a flag can be given.
#
#> ^[U+1F600-U+1F64F]$ of U+1F600
#>   by Ajv: valid
#>   by Spectral: oas3-schema: "pattern" property must match format "regex".
#>   by Spectral: oas3-valid-media-example: Invalid regular expression: Range out of order in character class
#> ^.$ of U+1F600
#>   by Ajv: valid
#>   by Spectral: oas3-valid-media-example: "example" property must match pattern
#> ^\p{L}$ of U+00E9
#>   by Ajv: valid
#>   by Spectral: oas3-valid-media-example: "example" property must match pattern
#> ^[^U+0000-U+FFFF]$ of U+1F600
#>   by Ajv: valid
#>   by Spectral: oas3-valid-media-example: "example" property must match pattern
#
# What we do: every pattern of a contract is a regular expression in both readings. No range ends beyond U+FFFF: characters
# there stand one by one, or are those that are not in U+0000-U+FFFF, as in the last case (events/model/src/texts.rs); and
# there is no `\p`. Examples have none of these characters.
set -euo pipefail
. "$(dirname "$0")/setup.bash"

node_packages @stoplight/spectral-core@1.24.1 @stoplight/spectral-rulesets@1.23.1 \
    @stoplight/spectral-functions@1.11.1 ajv@8.20.0

cat >lint.mjs <<'JAVASCRIPT'
import spectralCore from "@stoplight/spectral-core";
import rulesets from "@stoplight/spectral-rulesets";
import Ajv2020 from "ajv/dist/2020.js";

const tried = [
  ["^[\u{1F600}-\u{1F64F}]$", "\u{1F600}"],
  ["^.$", "\u{1F600}"],
  ["^\\p{L}$", "\u00E9"],
  ["^[^\\u0000-\\uFFFF]$", "\u{1F600}"],
];

const point = (character) => `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
const readable = (text) => text.replace(/[^ -~]/gu, point).replace(/\\u/g, "U+");

function documentOf(schema, example) {
  const content = { "application/json": { schema, example } };
  const get = {
    operationId: "sign",
    description: "A sign.",
    tags: ["signs"],
    responses: { 200: { description: "It", content } },
  };
  return {
    openapi: "3.1.0",
    info: { title: "Signs", version: "1", description: "Signs.", contact: { name: "Us", url: "https://service.test" } },
    servers: [{ url: "https://service.test" }],
    tags: [{ name: "signs", description: "Signs." }],
    paths: { "/sign": { get } },
  };
}

const spectral = new spectralCore.Spectral();
spectral.setRuleset({ extends: [[rulesets.oas, "recommended"]] });
for (const [pattern, example] of tried) {
  const schema = { type: "string", pattern };
  console.log(`${readable(pattern)} of ${point(example)}`);
  console.log(`  by Ajv: ${new Ajv2020().validate(schema, example) ? "valid" : "not valid"}`);
  const found = await spectral.run(JSON.stringify(documentOf(schema, example)));
  for (const { code, message } of found) {
    // Without the pattern as Spectral repeats it.
    const said = message.replace(/ "\^.*"$/, "").replace(/: \/\^.*\/:/, ":");
    console.log(`  by Spectral: ${code}: ${said}`);
  }
  if (!found.length) console.log("  by Spectral: valid");
}
JAVASCRIPT
as_told node lint.mjs
