import { readFileSync, readlinkSync } from "node:fs";

// PID, or PID@START, or PID@START@NAMESPACE@BOOT, each as far as the system tells it.

/**
 * A mark of this process that no other has: its number, when it started, and where numbers have that meaning. The number
 * alone would not do: each container may have a process of the same one. At most 56 hexadecimal digits and @.
 */
export function processMark(): string {
  return (ownMark ??= markHere());
}

/** It stays the same, and to ask for it costs more than to rename a file. */
let ownMark: string | undefined;

/**
 * Whether the process that made `mark` with {@link processMark} still runs. Of one elsewhere, in another container, on
 * another machine or before this one was started anew, the system does not tell.
 */
export function fateOf(mark: string): "runs" | "ended" | "elsewhere" {
  const [digits = "", start, namespace, boot] = mark.split("@");
  // An older version's mark does not say where.
  if (boot !== undefined && `${namespace}@${boot}` !== placeHere()) return "elsewhere";
  const processId = /^\d+$/.test(digits) ? Number(digits) : 0;
  return processId > 0 && exists(processId) && startTime(processId) === start ? "runs" : "ended";
}

function markHere(): string {
  const start = startTime(process.pid);
  if (start === undefined) return String(process.pid);
  const place = placeHere();
  return `${process.pid}@${start}${place === undefined ? "" : `@${place}`}`;
}

/**
 * Where process numbers have the meaning that they have here, as NAMESPACE@BOOT: the PID namespace, of which each container
 * has its own, and this run of the system, from its start to its end. Undefined where the system does not tell.
 */
function placeHere(): string | undefined {
  try {
    const namespace = Number(/\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0]);
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim().replaceAll("-", "");
    return `${namespace.toString(16)}@${boot.slice(0, 16)}`;
  } catch {
    return undefined;
  }
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
