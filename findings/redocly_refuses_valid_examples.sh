#!/usr/bin/env bash
# @redocly/openapi-core 2.64.0: an example is refused where `then` or `dependentSchemas` of its schema names properties.
#
# Each schema below names `from` and `until`; the example has both, and nothing else. The rule `no-invalid-media-type-examples`
# (in the recommended set, at its defaults) takes it where the second property is named in `allOf`. Where it is named in
# `then` or in a schema of `dependentSchemas`, the rule calls properties unevaluated that the schema names, the first one
# beside it included. To say `unevaluatedProperties: true` in the schema does not help where there is such a subschema.
#
# JSON Schema 2020-12 (Core, 11.3) has `unevaluatedProperties` look at what its own object and the subschemas applied in
# place found: `allOf`, `if`, `then`, `dependentSchemas` alike. A subschema without the keyword refuses nothing. Ajv finds
# the examples valid, even with `unevaluatedProperties: false` beside everything, which is the strictest reading of the
# rule's default, `allowAdditionalProperties: false`: the rule puts that into these subschemas as well.
#
#> allOf
#>   by Ajv: valid; with unevaluatedProperties false: valid
#>   by Redocly: valid
#> then
#>   by Ajv: valid; with unevaluatedProperties false: valid
#>   by Redocly: must NOT have unevaluated properties `from`
#>   by Redocly: must match "then" schema
#>   by Redocly: must NOT have unevaluated properties `until`
#> dependentSchemas
#>   by Ajv: valid; with unevaluatedProperties false: valid
#>   by Redocly: must NOT have unevaluated properties `from`
#>   by Redocly: must NOT have unevaluated properties `from`
#>   by Redocly: must NOT have unevaluated properties `until`
#> dependentSchemas, unevaluatedProperties true
#>   by Ajv: valid; with unevaluatedProperties false: valid
#>   by Redocly: must NOT have unevaluated properties `from`
#
# What we do: the one example of an event in /openapi.json is of a type whose data have no such keywords. Who needs more
# sets `allowAdditionalProperties: true` for the rule: then it takes all four, and still refuses what is of another type.
set -euo pipefail
. "$(dirname "$0")/setup.bash"

node_packages @redocly/openapi-core@2.64.0 @redocly/ajv@8.18.3 ajv@8.20.0

cat >lint.mjs <<'JAVASCRIPT'
import { createConfig, lintFromString } from "@redocly/openapi-core";
import Ajv2020 from "ajv/dist/2020.js";

const text = { type: "string" };
const second = { properties: { until: text } };
const begun = { type: "object", properties: { from: text } };
const schemas = {
  allOf: { ...begun, allOf: [second] },
  then: { ...begun, if: { properties: { from: { pattern: "^2026" } } }, then: second },
  dependentSchemas: { ...begun, dependentSchemas: { from: second } },
  "dependentSchemas, unevaluatedProperties true": {
    ...begun,
    dependentSchemas: { from: second },
    unevaluatedProperties: true,
  },
};
const example = { from: "2026-09-01", until: "2026-12-18" };

const ajv = new Ajv2020({ strict: false });
const byAjv = (schema) => (ajv.validate(schema, example) ? "valid" : ajv.errorsText());

function documentOf(schema, example) {
  const content = { "application/json": { schema, example } };
  const get = {
    operationId: "session",
    summary: "A session",
    responses: { 200: { description: "It", content }, 404: { description: "None" } },
  };
  return {
    openapi: "3.1.0",
    info: { title: "Sessions", version: "1", license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    servers: [{ url: "https://service.test" }],
    security: [],
    paths: { "/session": { get } },
  };
}

async function byRedocly(schema, example, rule) {
  const config = await createConfig({ extends: ["recommended"], rules: rule });
  const source = JSON.stringify(documentOf(schema, example));
  const found = await lintFromString({ source, absoluteRef: "openapi.json", config });
  return found.map(({ message }) => message.replace("Example value must conform to the schema: ", "").replace(/\.$/, ""));
}

const lenient = { "no-invalid-media-type-examples": { severity: "error", allowAdditionalProperties: true } };
for (const [name, schema] of Object.entries(schemas)) {
  console.log(name);
  const strict = { ...schema, unevaluatedProperties: false };
  console.log(`  by Ajv: ${byAjv(schema)}; with unevaluatedProperties false: ${byAjv(strict)}`);
  const found = await byRedocly(schema, example, {});
  for (const message of found.length ? found : ["valid"]) console.log(`  by Redocly: ${message}`);
  if ((await byRedocly(schema, example, lenient)).length) console.log("  refused with allowAdditionalProperties, too");
  if (!(await byRedocly(schema, { from: 2026 }, lenient)).length) console.log("  a number taken for a text");
}
JAVASCRIPT
as_told node lint.mjs
