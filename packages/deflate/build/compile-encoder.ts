// Makes src/encoder-code.ts of the AssemblyScript in ../assembly: `npx nx encoder @bootstamp/deflate`. A test holds that
// the committed file is what comes out here.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { codeModule, compileAssembly } from "@bootstamp/wasm-code";

const packageFolder = join(import.meta.dirname, "..");

/** Compiles the encoder, or another module of it, to WebAssembly. */
export function compileEncoder(module = "index.ts"): Uint8Array<ArrayBuffer> {
  return compileAssembly(join(packageFolder, "assembly"), module);
}

/** The text of src/encoder-code.ts. */
export function encoderModule(): string {
  return codeModule(compileEncoder(), {
    name: "encoderCode",
    what: "The encoder",
    madeBy: "build/compile-encoder.ts",
  });
}

if (import.meta.main) writeFileSync(join(packageFolder, "src", "encoder-code.ts"), encoderModule());
