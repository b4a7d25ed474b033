import type { WriteEdit } from "../edit.ts";
import type { EditContext } from "./edit-context.ts";
import { putFile } from "./put-file.ts";

export async function applyWrite(context: EditContext, edit: WriteEdit): Promise<void> {
  await putFile(context, edit.path, edit.content, edit, edit.parentMode);
}
