import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";

/** Where a process number has its meaning. */
export interface ProcessPlace {
  /** The PID namespace's number, in hexadecimal digits: each container has one of its own. */
  readonly namespace: string;
  /** Of this run of the system, from its start to its end; no other has it. */
  readonly boot: string;
  /** Of the machine, through all its starts; empty in a container, which has none or the one of its image. */
  readonly machine: string;
}

/**
 * What is known of a process in `place`: its number is one of `here`, it is out of sight, or all of that run of the
 * system has ended.
 *
 * On a file system that one system alone can have mounted, what another run of the system left is over. On one that
 * may be shared that run may go on elsewhere, unless it was this machine's.
 */
export function relationOf(
  place: ProcessPlace,
  here: ProcessPlace | undefined,
  isShared: () => boolean,
): "here" | "out of sight" | "over" {
  if (place.boot === here?.boot) return place.namespace === here.namespace ? "here" : "out of sight";
  if (place.machine !== "" && place.machine === here?.machine) return "over";
  return isShared() ? "out of sight" : "over";
}

/** Where this process is; undefined where the system does not tell. */
export function placeHere(): ProcessPlace | undefined {
  try {
    const namespace = Number(/\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0]);
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim().replaceAll("-", "");
    const machine = namespace === firstNamespace ? machineMark() : "";
    return { namespace: namespace.toString(16), boot: boot.slice(0, 16), machine };
  } catch {
    return undefined;
  }
}

/** Of the processes that are in no container: PROC_PID_INIT_INO of Linux's proc_ns.h. */
const firstNamespace = 0xeffffffc;

/** Not the id itself, which its manual (machine-id(5)) says not to show around. */
function machineMark(): string {
  try {
    const id = readFileSync("/etc/machine-id", "utf8").trim();
    if (!/^[0-9a-f]{32}$/.test(id)) return "";
    return createHash("sha256").update(`bootstamp ${id}`).digest("hex").slice(0, 12);
  } catch {
    return "";
  }
}
