import type { ChmodEdit, ChownEdit } from "../edit.ts";
import type { FileAttributes } from "../file-system.ts";
import { resolveExisting } from "../resolve-path.ts";
import type { EditContext } from "./edit-context.ts";
import { changedAttributes } from "./put-file.ts";

export async function applyChmod(context: EditContext, { path, mode }: ChmodEdit): Promise<void> {
  await apply(context, path, { mode });
}

export async function applyChown(context: EditContext, { path, uid, gid }: ChownEdit): Promise<void> {
  await apply(context, path, { uid, gid });
}

async function apply({ fs, files }: EditContext, asked: string, attributes: FileAttributes): Promise<void> {
  const { path, stat } = resolveExisting(fs, asked);
  const keepsOwners = !fs.identity.kind.startsWith("fat");
  // FAT refuses an owner even where it happens to be the one that it shows.
  if (!keepsOwners || changedAttributes(stat, attributes) !== undefined)
    await fs.setAttributes(path, attributes);
  const changed = changedAttributes(stat, fs.stat(path) ?? {}) !== undefined;
  files.push({ path, action: changed ? "changed" : "kept" });
}
