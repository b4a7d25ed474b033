import { editGrubenv } from "@bootstamp/boot-config";
import type { GrubenvEdit } from "../edit.ts";
import type { EditContext } from "./edit-context.ts";
import { findOne } from "./find-one.ts";
import { putFile } from "./put-file.ts";

const usualPlaces = ["/grub2/grubenv", "/grub/grubenv", "/boot/grub2/grubenv", "/boot/grub/grubenv"];

export async function applyGrubenv(context: EditContext, edit: GrubenvEdit): Promise<void> {
  const { verb: _verb, path: named, ...change } = edit;
  const path = await findOne(context.fs, "GRUB environment block", named, usualPlaces);
  await putFile(context, path, editGrubenv(context.fs.read(path), change));
}
