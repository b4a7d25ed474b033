import { encodeConfigText } from "@bootstamp/boot-config";
import type { AppendLineEdit } from "../edit.ts";
import { resolveExisting } from "../resolve-path.ts";
import type { EditContext } from "./edit-context.ts";
import { checkIsFile, putFile } from "./put-file.ts";

const newline = "\n".charCodeAt(0);

export async function applyAppendLine(context: EditContext, edit: AppendLineEdit): Promise<void> {
  const { path, stat } = resolveExisting(context.fs, edit.path);
  checkIsFile(path, stat);
  const before = context.fs.read(path);
  const lacksNewline = before.length > 0 && before.at(-1) !== newline;
  const added = encodeConfigText(`${lacksNewline ? "\n" : ""}${edit.line}\n`);
  await putFile(context, path, Buffer.concat([before, added]));
}
