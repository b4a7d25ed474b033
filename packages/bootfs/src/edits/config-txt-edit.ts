import { applyConfigTxt, decodeConfigText, encodeConfigText } from "@bootstamp/boot-config";
import type { ConfigTxtEdit } from "../edit.ts";
import type { EditContext } from "./edit-context.ts";
import { findOne } from "./find-one.ts";
import { putFile } from "./put-file.ts";

const usualPlaces = ["/config.txt", "/firmware/config.txt", "/boot/config.txt", "/boot/firmware/config.txt"];

export async function applyConfigTxtEdit(context: EditContext, edit: ConfigTxtEdit): Promise<void> {
  const path = await findOne(context.fs, "config.txt", edit.path, usualPlaces);
  const set = edit.set?.map((entry) => ({ ...entry, value: entry.value ?? "" })) ?? [];
  const { text } = applyConfigTxt(decodeConfigText(context.fs.read(path)), {
    set,
    remove: edit.remove ?? [],
    removeIfPresent: edit.removeIfPresent ?? [],
  });
  await putFile(context, path, encodeConfigText(text));
}
