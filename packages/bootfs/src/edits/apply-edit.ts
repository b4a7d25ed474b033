import { Fault } from "@bootstamp/fault";
import { BootfsError } from "../bootfs-error.ts";
import type { Edit } from "../edit.ts";
import type { EditReport } from "../edit-report.ts";
import type { FileSystem } from "../file-system.ts";
import { applyAppendLine } from "./append-line-edit.ts";
import { applyChmod, applyChown } from "./attribute-edits.ts";
import { checkEdit } from "./check-edit.ts";
import { applyConfigTxtEdit } from "./config-txt-edit.ts";
import { applyCopyIn } from "./copy-in-edit.ts";
import { applyDelete } from "./delete-edit.ts";
import type { EditContext } from "./edit-context.ts";
import { applyFill } from "./fill-edit.ts";
import { applyGrubenv } from "./grubenv-edit.ts";
import { applyKargs } from "./kargs-edit.ts";
import { applyLink } from "./link-edit.ts";
import { applyMkdir } from "./mkdir-edit.ts";
import { applyMove } from "./move-edit.ts";
import { applyWrite } from "./write-edit.ts";

/** Carries out one edit. @throws Fault with the fields that it has and `edit`, the index. */
export async function applyEdit(fs: FileSystem, edit: Edit, index: number): Promise<EditReport> {
  const context: EditContext = { fs, files: [], left: [] };
  try {
    checkEdit(edit);
    await dispatch(context, edit);
  } catch (error) {
    throw withIndex(error, index);
  }
  return { edit: index, verb: edit.verb, files: context.files, left: context.left };
}

function dispatch(context: EditContext, edit: Edit): Promise<void> {
  switch (edit.verb) {
    case "write":
      return applyWrite(context, edit);
    case "append-line":
      return applyAppendLine(context, edit);
    case "fill":
      return applyFill(context, edit);
    case "copy-in":
      return applyCopyIn(context, edit);
    case "delete":
      return applyDelete(context, edit);
    case "move":
      return applyMove(context, edit);
    case "mkdir":
      return applyMkdir(context, edit);
    case "link":
      return applyLink(context, edit);
    case "chmod":
      return applyChmod(context, edit);
    case "chown":
      return applyChown(context, edit);
    case "kargs":
      return applyKargs(context, edit);
    case "grubenv":
      return applyGrubenv(context, edit);
    case "config-txt":
      return applyConfigTxtEdit(context, edit);
  }
  throw new Error(`internal error: an edit of another kind: ${JSON.stringify(edit)}`);
}

function withIndex(error: unknown, index: number): unknown {
  if (error instanceof BootfsError)
    return new BootfsError(error.code, error.message, { ...error.fields, edit: index }, { cause: error });
  if (error instanceof Fault)
    return new Fault(error.code, error.message, { ...error.fields, edit: index }, { cause: error });
  return error;
}
