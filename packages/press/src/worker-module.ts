import { extname } from "node:path";

/** URL of a module beside this one, with the ending that this one has: .ts from source, .js when built. */
export function workerModule(name: string): URL {
  return new URL(`./${name}${extname(import.meta.url)}`, import.meta.url);
}
