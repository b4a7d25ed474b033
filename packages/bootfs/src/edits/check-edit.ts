import { BootfsError } from "../bootfs-error.ts";
import type { Edit } from "../edit.ts";

const modeLimit = 0o7777;
/** The greatest is taken for "no owner" by Linux. */
const idLimit = 2 ** 32 - 2;

/** @throws BootfsError `BOOTFS_RANGE` for a mode or an owner that no file can have, and for a pad that is no byte. */
export function checkEdit(edit: Edit): void {
  if ("mode" in edit) checkNumber("mode", edit.mode, modeLimit, 8);
  if ("parentMode" in edit) checkNumber("mode", edit.parentMode, modeLimit, 8);
  if ("uid" in edit) checkNumber("user id", edit.uid, idLimit, 10);
  if ("gid" in edit) checkNumber("group id", edit.gid, idLimit, 10);
  if (edit.verb === "fill") checkNumber("byte", edit.pad, 0xff, 10);
  if (edit.verb !== "copy-in") return;
  for (const entry of edit.entries) {
    if (entry.kind !== "link") checkNumber("mode", entry.mode, modeLimit, 8);
  }
}

function checkNumber(what: string, value: number | undefined, limit: number, base: 8 | 10): void {
  if (value === undefined || (Number.isInteger(value) && value >= 0 && value <= limit)) return;
  const prefix = base === 8 ? "0o" : "";
  const shown = Number.isInteger(value) && value >= 0 ? `${prefix}${value.toString(base)}` : String(value);
  throw new BootfsError(
    "BOOTFS_RANGE",
    `${shown} is no ${what}: 0 to ${prefix}${limit.toString(base)} are possible`,
    { value },
  );
}
