import { joinPath } from "../path.ts";
import type { EditContext } from "./edit-context.ts";

/** Makes directories one inside the other below `parent`, which is there. */
export async function makeDirectories(
  { fs, files }: EditContext,
  parent: string,
  names: readonly string[],
  mode: number,
): Promise<void> {
  let path = parent;
  for (const name of names) {
    path = joinPath(path, name);
    await fs.makeDirectory(path, mode);
    files.push({ path, action: "made" });
  }
}
