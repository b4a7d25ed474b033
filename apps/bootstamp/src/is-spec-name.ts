import { extname } from "node:path";

/** Whether a file is taken for a spec, by its ending; else it is an image. */
export function isSpecName(path: string): boolean {
  return [".yaml", ".yml", ".json"].includes(extname(path).toLowerCase());
}
