// Makes src/encoder-code.ts of the AssemblyScript in ../assembly: `npx nx encoder @bootstamp/deflate`. A test holds that
// the committed file is what comes out here.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const packageFolder = join(import.meta.dirname, "..");
const lineLength = 100;

const compiler = fileURLToPath(import.meta.resolve("assemblyscript/bin/asc.js"));
const flags = ["-O3", "--noAssert", "--runtime", "stub", "--enable", "simd,bulk-memory"];

/** Compiles the encoder, or another module of it, to WebAssembly. The same source gives the same bytes. */
export function compileEncoder(module = "index.ts"): Uint8Array<ArrayBuffer> {
  const folder = mkdtempSync(join(tmpdir(), "encoder-"));
  try {
    const output = join(folder, "encoder.wasm");
    execFileSync(process.execPath, [compiler, module, "--outFile", output, ...flags], {
      cwd: join(packageFolder, "assembly"),
    });
    return new Uint8Array(readFileSync(output));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The module that holds `code`. */
export function encoderModule(code: Uint8Array): string {
  const text = Buffer.from(code).toString("base64");
  const lines = Array.from({ length: Math.ceil(text.length / lineLength) }, (_, index) =>
    text.slice(index * lineLength, (index + 1) * lineLength),
  );
  return `// Made by build/compile-encoder.ts of what is in ../assembly. Do not edit.

/** The encoder as WebAssembly, in base64. */
export const encoderCode: string = [
${lines.map((line) => `  "${line}",`).join("\n")}
].join("");
`;
}

if (import.meta.main) {
  writeFileSync(join(packageFolder, "src", "encoder-code.ts"), encoderModule(compileEncoder()));
}
