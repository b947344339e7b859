// Reads a list of {kind, document} on standard input, OpenAPI or AsyncAPI documents; prints of each as a list what Redocly
// and Spectral find in it by the rules that each recommends, warnings included.

import { createConfig, lintFromString } from "@redocly/openapi-core";
import spectralCore from "@stoplight/spectral-core";
import rulesets from "@stoplight/spectral-rulesets";
import { json } from "node:stream/consumers";

const rules = { openapi: rulesets.oas, asyncapi: rulesets.asyncapi };
const config = await createConfig({ extends: ["recommended"] });

async function findings({ kind, document }) {
  const spectral = new spectralCore.Spectral();
  spectral.setRuleset({ extends: [[rules[kind], "recommended"]] });
  const bySpectral = await spectral.run(document);
  const byRedocly = await lintFromString({ source: document, absoluteRef: `${kind}.json`, config });
  return [
    ...bySpectral.map(({ code, path, message }) => `spectral: ${code} at ${path.join(".")}: ${message}`),
    ...byRedocly.map(({ ruleId, location, message }) => `redocly: ${ruleId} at ${location[0]?.pointer}: ${message}`),
  ];
}

const found = [];
for (const given of await json(process.stdin)) found.push(await findings(given));
console.log(JSON.stringify(found));
