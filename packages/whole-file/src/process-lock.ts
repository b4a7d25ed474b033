// A lock is a file named after its holder. While it is held its heart beats: the file is written to, and so dated by the
// clock of its file system, which is the same for all who look at it. A process that the system tells of is believed to
// hold its lock as long as it runs; one in another container or on another machine, as long as its heart beats.
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  type Stats,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename, dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fateOf, processMark } from "./process-mark.ts";
import { explainWriteFailure } from "./whole-file-error.ts";

const attempts = 5;
const usualBeat = 10_000;
/** So many beats without one, and a holder elsewhere has ended. */
const beatsMissed = 6;

/** Who has a lock. */
export interface LockHolder {
  readonly mark: string;
  /** As it is numbered where it runs. */
  readonly processId: number;
  /** Whether it runs in another container or on another machine: when it is killed, its lock stays for a minute. */
  readonly isElsewhere: boolean;
}

/** A lock that this process has. */
export class ProcessLock {
  readonly #path: string;
  readonly #beat: number;
  readonly #timer: NodeJS.Timeout;
  #beats = 0;
  #beaten = 0;
  #isLost = false;

  /** `path` is that of the lock's file, which is there. */
  constructor(path: string, beat: number) {
    this.#path = path;
    this.#beat = beat;
    this.#timer = setInterval(() => this.#keep(), beat).unref();
    this.#keep();
  }

  /**
   * Whether the lock was taken for that of a process that has ended, or removed by hand. That happens to a holder that
   * stands still for a minute, as on a machine that sleeps. To be asked before anything is done that others would suffer
   * from; costs next to nothing.
   */
  get isLost(): boolean {
    if (Math.abs(Date.now() - this.#beaten) >= this.#beat) this.#keep();
    return this.#isLost;
  }

  /** Gives the lock back. May be called again. @throws WholeFileError. */
  unlock(): void {
    clearInterval(this.#timer);
    // The file would be that of another caller in this process.
    if (this.#isLost) return;
    this.#isLost = true;
    removeIfThere(this.#path);
  }

  #keep(): void {
    if (this.#isLost) return;
    try {
      dateAnew(this.#path, String(++this.#beats));
      this.#beaten = Date.now();
    } catch (error) {
      // Any other failure may pass.
      this.#isLost = isGone(error);
      if (this.#isLost) clearInterval(this.#timer);
    }
  }
}

/**
 * Takes the lock of which the files are named `prefix` and a mark, or tells who has it.
 *
 * Each contender makes a file that is named after its process, and then looks for others: so no lock is ever without its
 * holder's name, and what a dead process left is removed without the risk that it was taken again in between. Of two that
 * come at once both step back and try again after unlike pauses.
 * @param beat milliseconds; the same for all who ask for the lock.
 * @throws the system's errors.
 */
export async function takeLock(prefix: string, beat: number = usualBeat): Promise<ProcessLock | LockHolder> {
  const own = prefix + processMark();
  let holder = holderOf(processMark());
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (attempt > 0) await setTimeout(Math.random() * 40);
    // Another caller in this very process has the same mark.
    if (!createNew(own)) continue;
    const lock = new ProcessLock(own, beat);
    try {
      const other = otherHolder(prefix, beat);
      if (other === undefined) return lock;
      holder = other;
    } catch (error) {
      lock.unlock();
      throw error;
    }
    lock.unlock();
  }
  return holder;
}

/**
 * Who has the lock of which the files are named `prefix` and a mark. Looks only, and so goes by this machine's clock for
 * a holder elsewhere.
 */
export function lockHolder(prefix: string): LockHolder | undefined {
  const mark = marksOf(prefix).find((each) => isHeld(prefix + each, each, Date.now(), usualBeat));
  return mark === undefined ? undefined : holderOf(mark);
}

/** The holder, other than this process, which has just dated its own file. Files of those that have ended are removed. */
function otherHolder(prefix: string, beat: number): LockHolder | undefined {
  const own = processMark();
  const now = dateOf(prefix + own) ?? Date.now();
  for (const mark of marksOf(prefix)) {
    if (mark === own) continue;
    if (isHeld(prefix + mark, mark, now, beat)) return holderOf(mark);
    removeIfThere(prefix + mark);
  }
  return undefined;
}

function isHeld(path: string, mark: string, now: number, beat: number): boolean {
  const fate = fateOf(mark);
  if (fate !== "elsewhere") return fate === "runs";
  const beaten = dateOf(path);
  // A clock may have been set back: what is dated in days to come does not beat either.
  return beaten !== undefined && Math.abs(now - beaten) < beatsMissed * beat;
}

function holderOf(mark: string): LockHolder {
  return { mark, processId: Number.parseInt(mark, 10), isElsewhere: fateOf(mark) === "elsewhere" };
}

/** What follows `prefix` in the names of files. */
function marksOf(prefix: string): string[] {
  const start = basename(prefix);
  const names = readdirSync(dirname(prefix)).filter((name) => name.startsWith(start));
  return names.map((name) => name.slice(start.length));
}

function createNew(path: string): boolean {
  try {
    writeFileSync(path, "", { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** Cuts the file before it writes: that dates it too, and a full disk does not prevent it. Makes none. */
function dateAnew(path: string, content: string): void {
  const descriptor = openSync(path, constants.O_WRONLY | constants.O_TRUNC);
  try {
    writeSync(descriptor, content);
  } finally {
    closeSync(descriptor);
  }
}

/** When the file was written to, in milliseconds; undefined if it is gone. */
function dateOf(path: string): number | undefined {
  return (openedStats(path) ?? statSync(path, { throwIfNoEntry: false }))?.mtimeMs;
}

/** A network's file system asks its server on opening; what it tells without may be a minute old. */
function openedStats(path: string): Stats | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch {
    // It is gone, or another user's.
    return undefined;
  }
  try {
    return fstatSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function removeIfThere(path: string): void {
  try {
    // Not rmSync: its errors do not say what the system said.
    unlinkSync(path);
  } catch (error) {
    if (!isGone(error)) throw explainWriteFailure(path, error);
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESTALE");
}
