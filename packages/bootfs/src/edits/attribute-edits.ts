import type { ChmodEdit, ChownEdit } from "../edit.ts";
import type { FileAttributes } from "../file-system.ts";
import { resolveExisting } from "../resolve-path.ts";
import type { EditContext } from "./edit-context.ts";
import { setAttributes } from "./put-file.ts";

export async function applyChmod(context: EditContext, { path, mode }: ChmodEdit): Promise<void> {
  await apply(context, path, { mode });
}

export async function applyChown(context: EditContext, { path, uid, gid }: ChownEdit): Promise<void> {
  await apply(context, path, { uid, gid });
}

async function apply({ fs, files }: EditContext, asked: string, attributes: FileAttributes): Promise<void> {
  const { path, stat } = resolveExisting(fs, asked);
  const changed = await setAttributes(fs, path, stat, attributes);
  files.push({ path, action: changed ? "changed" : "kept" });
}
