// Makes a client of the OpenAPI document on standard input with openapi-typescript, compiles client.ts with it in strict
// mode, and runs that with the arguments.

import openapiTS, { astToString } from "openapi-typescript";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const here = import.meta.dirname;
const work = mkdtempSync(join(tmpdir(), "parcours-client-"));
const run = (...words) => spawnSync(process.execPath, words, { cwd: work, stdio: ["ignore", "inherit", "inherit"] }).status;
try {
  const types = astToString(await openapiTS(await text(process.stdin)));
  writeFileSync(join(work, "api.d.ts"), types);
  writeFileSync(join(work, "package.json"), '{"type": "module"}');
  copyFileSync(join(here, "client.ts"), join(work, "client.ts"));
  symlinkSync(join(here, "node_modules"), join(work, "node_modules"));
  const compilerOptions = { strict: true, target: "es2022", module: "nodenext", types: [], skipLibCheck: true };
  writeFileSync(join(work, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["client.ts"] }));
  process.exitCode =
    run(join(here, "node_modules/typescript/bin/tsc")) || run("client.js", ...process.argv.slice(2));
} finally {
  rmSync(work, { recursive: true });
}
