import { readFileSync } from "node:fs";

/**
 * A mark of this process that no other has: its number, and where the system tells it, when it started. The number
 * alone would not do: in a container each run may get the same one.
 */
export function processMark(): string {
  return (ownMark ??= markOf(process.pid));
}

/** It stays the same, and to ask for it costs more than to rename a file. */
let ownMark: string | undefined;

/** Whether the process that made `mark` with {@link processMark} on this machine still runs. */
export function isProcessAlive(mark: string): boolean {
  const processId = Number(/^\d+/.exec(mark)?.[0]);
  if (!Number.isSafeInteger(processId) || processId <= 0) return false;
  return exists(processId) && markOf(processId) === mark;
}

function markOf(processId: number): string {
  const start = startTime(processId);
  return start === undefined ? String(processId) : `${processId}@${start}`;
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
