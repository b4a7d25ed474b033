// WebAssembly that is committed: AssemblyScript in a package's `assembly`, and the module in its `src` that holds what
// that compiles to. A test of the package holds that one is what comes of the other.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const lineLength = 100;
const compiler = fileURLToPath(import.meta.resolve("assemblyscript/bin/asc.js"));
const flags = ["-O3", "--noAssert", "--runtime", "stub", "--enable", "simd,bulk-memory"];

/** Compiles a module of the folder `assembly` to WebAssembly. The same source gives the same bytes. */
export function compileAssembly(assembly: string, module: string): Uint8Array<ArrayBuffer> {
  const folder = mkdtempSync(join(tmpdir(), "assembly-"));
  try {
    const output = join(folder, "module.wasm");
    execFileSync(process.execPath, [compiler, module, "--outFile", output, ...flags], { cwd: assembly });
    return new Uint8Array(readFileSync(output));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What is to be said of a module that holds WebAssembly. */
export interface CodeModule {
  /** The constant's name. */
  readonly name: string;
  /** What it is, for its docstring. */
  readonly what: string;
  /** Path of the program that writes the module, from the package's folder. */
  readonly madeBy: string;
}

/** The text of the module that holds `code`. */
export function codeModule(code: Uint8Array, { name, what, madeBy }: CodeModule): string {
  const text = Buffer.from(code).toString("base64");
  const lines = Array.from({ length: Math.ceil(text.length / lineLength) }, (_, index) =>
    text.slice(index * lineLength, (index + 1) * lineLength),
  );
  return `// Made by ${madeBy} of what is in the package's folder assembly. Do not edit.

/** ${what} as WebAssembly, in base64. */
export const ${name}: string = [
${lines.map((line) => `  "${line}",`).join("\n")}
].join("");
`;
}
