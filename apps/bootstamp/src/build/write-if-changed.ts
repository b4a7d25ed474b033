import { readFileSync } from "node:fs";
import { writeWholeText } from "@bootstamp/whole-file";

/** Writes a text file whole unless it has that text already. Returns whether it wrote. @throws WholeFileError. */
export async function writeIfChanged(path: string, text: string): Promise<boolean> {
  if (textAt(path) === text) return false;
  await writeWholeText(path, text);
  return true;
}

/** Undefined for what is no file, or cannot be read: the writing will say why. */
function textAt(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
