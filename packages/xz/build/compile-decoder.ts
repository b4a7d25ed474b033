// Makes src/lzma/decoder-code.ts of the AssemblyScript in ../assembly: `npx nx decoder @bootstamp/xz`. A test holds that
// the committed file is what comes out here.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { codeModule, compileAssembly } from "@bootstamp/wasm-code";

const packageFolder = join(import.meta.dirname, "..");

/** The text of src/lzma/decoder-code.ts. */
export function decoderModule(): string {
  return codeModule(compileAssembly(join(packageFolder, "assembly"), "index.ts"), {
    name: "decoderCode",
    what: "The LZMA decoder",
    madeBy: "build/compile-decoder.ts",
  });
}

if (import.meta.main) writeFileSync(join(packageFolder, "src", "lzma", "decoder-code.ts"), decoderModule());
