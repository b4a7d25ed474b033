import { existsSync, readFileSync } from "node:fs";
import { writeWholeText } from "@bootstamp/whole-file";

/** Writes a text file whole unless it has that text already. Returns whether it wrote. */
export async function writeIfChanged(path: string, text: string): Promise<boolean> {
  if (existsSync(path) && readFileSync(path, "utf8") === text) return false;
  await writeWholeText(path, text);
  return true;
}
