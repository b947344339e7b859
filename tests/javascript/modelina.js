// Reads {document, messages} on standard input: an AsyncAPI document, and messages of a service. Has Modelina make classes
// of the document, reads each message with the class of its type, and writes it again; prints the names of all models and
// what came of the messages.

import { TS_COMMON_PRESET, TypeScriptGenerator } from "@asyncapi/modelina";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import typescript from "typescript";

const { document, messages } = await json(process.stdin);
const generator = new TypeScriptGenerator({
  modelType: "class",
  presets: [{ preset: TS_COMMON_PRESET, options: { marshalling: true } }],
});
const made = await generator.generate(document);
const models = made.map(({ modelName }) => modelName);

const source = [...made.map(({ result }) => result), `export { ${models.join(", ")} };`].join("\n");
const { outputText } = typescript.transpileModule(source, {
  compilerOptions: { module: "esnext", target: "es2022" },
});
const work = mkdtempSync(join(tmpdir(), "parcours-models-"));
try {
  const file = join(work, "models.mjs");
  writeFileSync(file, outputText);
  const classes = await import(pathToFileURL(file));
  const read = messages.map((message) => {
    const { payload } = document.components.messages[message.type];
    return JSON.parse(classes[payload.$ref.split("/").pop()].unmarshal(JSON.stringify(message)).marshal());
  });
  // The four ways by which every message may come are unions, and no models of their own.
  const ways = Object.keys(document.channels).map((name) => name.toLowerCase());
  console.log(JSON.stringify({ models: models.filter((name) => !ways.includes(name.toLowerCase())), read }));
} finally {
  rmSync(work, { recursive: true });
}
