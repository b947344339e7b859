// Reads a list of JSON Schemas on standard input and compiles each with Ajv in strict mode, by which whatever it does not
// know or finds unclear is an error; prints how many it compiled, and what is wrong with the others.

import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { json } from "node:stream/consumers";

const wrong = [];
let compiled = 0;
for (const schema of await json(process.stdin)) {
  const complain = (...words) => wrong.push(`${schema.$id}: ${words.join(" ")}`);
  const ajv = new Ajv({ strict: true, allErrors: true, logger: { log: complain, warn: complain, error: complain } });
  addFormats(ajv);
  try {
    ajv.compile(schema);
    compiled += 1;
  } catch (error) {
    complain(error.message);
  }
}
console.log(JSON.stringify({ compiled, wrong }));
