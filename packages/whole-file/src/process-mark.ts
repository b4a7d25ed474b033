import { readFileSync } from "node:fs";
import { placeHere, relationOf } from "./process-place.ts";
import { mayBeShared } from "./shared-file-system.ts";

// PID, or PID@START, or PID@START@NAMESPACE@BOOT@MACHINE, each as far as the system tells it; MACHINE may be empty.

/**
 * A mark of this process that no other has: its number, when it started, and where numbers have that meaning. The number
 * alone would not do: each container may have a process of the same one. At most 64 hexadecimal digits and @.
 */
export function processMark(): string {
  return (ownMark ??= markHere());
}

/** It stays the same, and to ask for it costs more than to rename a file. */
let ownMark: string | undefined;

/**
 * Whether the process that made `mark` with {@link processMark}, and put it into `directory`, still runs. Of one in
 * another container, or on a machine with which the file system may be shared, that is not to be seen: it may run, or
 * have been killed.
 */
export function fateOf(mark: string, directory: string): "runs" | "ended" | "unseen" {
  const [digits = "", start, namespace, boot, machine = ""] = mark.split("@");
  // An older version's, which did not say where.
  const isHere = namespace === undefined || boot === undefined;
  const relation = isHere
    ? "here"
    : relationOf({ namespace, boot, machine }, placeHere(), () => mayBeShared(directory));
  if (relation === "over") return "ended";
  if (relation === "out of sight") return "unseen";
  const processId = /^\d+$/.test(digits) ? Number(digits) : 0;
  return processId > 0 && exists(processId) && startTime(processId) === start ? "runs" : "ended";
}

function markHere(): string {
  const start = startTime(process.pid);
  if (start === undefined) return String(process.pid);
  const place = placeHere();
  const where = place === undefined ? "" : `@${place.namespace}@${place.boot}@${place.machine}`;
  return `${process.pid}@${start}${where}`;
}

/**
 * Clock ticks from boot to the process's start: field 22 of /proc/PID/stat, counted behind the name in parentheses. None
 * of one that has ended and whose parent does not ask for its status, as in containers without an init: field 3.
 */
function startTime(processId: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${processId}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function exists(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
