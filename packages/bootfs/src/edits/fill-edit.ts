import { BootfsError } from "../bootfs-error.ts";
import type { FillEdit } from "../edit.ts";
import { resolveExisting } from "../resolve-path.ts";
import type { EditContext } from "./edit-context.ts";
import { checkIsFile } from "./put-file.ts";

const nul = 0;

export async function applyFill({ fs, files }: EditContext, edit: FillEdit): Promise<void> {
  const { path, stat } = resolveExisting(fs, edit.path);
  checkIsFile(path, stat);
  const before = fs.read(path);
  const content = slotContent(path, edit, before.length);
  await fs.overwrite(path, content);
  const action = Buffer.compare(before, content) === 0 ? "kept" : "changed";
  files.push({ path, action, lengthBefore: before.length, length: content.length });
}

/** What all of a slot's bytes become. @throws BootfsError `BOOTFS_SLOT_FULL`. */
function slotContent(path: string, edit: FillEdit, length: number): Uint8Array {
  const end = edit.end ?? new Uint8Array();
  const excess = edit.content.length + end.length - length;
  if (excess > 0) {
    const text = `${edit.content.length} bytes${end.length === 0 ? "" : ` and an end of ${end.length}`}`;
    throw new BootfsError(
      "BOOTFS_SLOT_FULL",
      `the slot ${path} has ${length} bytes: ${text} are ${excess} too many`,
      { path, length, excess },
    );
  }
  const filled = new Uint8Array(length).fill(edit.pad ?? nul);
  filled.set(edit.content);
  filled.set(end, edit.content.length);
  return filled;
}
