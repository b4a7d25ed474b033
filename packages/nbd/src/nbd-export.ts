import { maxRequestLength } from "./limits.ts";
import { NbdError } from "./nbd-error.ts";

/**
 * What a client may attach to: random-access bytes under a name.
 *
 * Offsets and lengths are bytes, safe integers, and inside `0..length` when the server passes them. Everything may be
 * called while other calls are under way, from any number of connections; clients order overlapping requests by
 * waiting for replies. A promise that rejects fails that one request, with EIO, or EPERM or ENOSPC where the error's
 * code says so (`NBD_NOT_PERMITTED`, `NBD_NO_SPACE`, or a system error's `EPERM`, `EACCES`, `EROFS`, `ENOSPC`,
 * `EDQUOT`, `EFBIG`). The server closes nothing: an export outlives it.
 */
export interface NbdExport {
  /** At most 4096 bytes of UTF-8 without NUL. Clients that name no export ask for the empty name. */
  readonly name: string;
  /** Shown to people; same limits as the name. */
  readonly description?: string;
  /** Fixed while the export is served. */
  readonly length: number;
  /** The length, a power of two from 512 to 32 MiB, below which aligned requests cost extra. Default 4096. */
  readonly preferredBlockLength?: number;
  /**
   * Resolves to exactly `length` bytes from `offset`; `length` is at most {@link maxRequestLength}. The server neither
   * changes them nor looks at them after they are sent, so they may be a view of a cache that stays as it is.
   * `signal` is aborted when the client is gone; whether the promise then resolves or rejects is the same to the server.
   */
  read(offset: number, length: number, signal: AbortSignal): Promise<Uint8Array>;
  /**
   * Fetches a range, of up to 2^32 - 1 bytes, into whatever makes later reads of it fast; holds no more of it than
   * `maxCacheHold` bytes at a time besides.
   */
  cache?(offset: number, length: number, signal: AbortSignal): Promise<void>;
  /**
   * Tells which parts of a range, of up to 2^32 - 1 bytes, need not be read: runs from `offset` on, without gaps. It
   * may stop early, and the server may stop asking. Neighbours of one kind are joined, and what is beyond is cut off.
   */
  extents?(
    offset: number,
    length: number,
    signal: AbortSignal,
  ): Iterable<NbdExtent> | AsyncIterable<NbdExtent>;
  /** How to write. Without it the export is read-only. */
  readonly writer?: NbdWriter;
}

/** One run of an export's bytes. A hole takes no room where the bytes are kept, zero or not; `zero` bytes read as zero. */
export interface NbdExtent {
  readonly length: number;
  readonly hole: boolean;
  readonly zero: boolean;
}

/** The changing half of an export. Calls are never aborted: a client that vanishes leaves no half-done write. */
export interface NbdWriter {
  /** Writes `bytes`, which nobody changes afterwards, so that every later read, from any connection, sees them. */
  write(offset: number, bytes: Uint8Array): Promise<void>;
  /** Resolves when every write, zeroing and trim that had resolved before the call would survive a crash. */
  flush(): Promise<void>;
  /** Makes a range, of up to 2^32 - 1 bytes, read as zeros; only with `mayPunch` may it become a hole. */
  writeZeroes?(offset: number, length: number, options: { readonly mayPunch: boolean }): Promise<void>;
  /** Takes note that a range, of up to 2^32 - 1 bytes, is no longer needed. What it reads as is open. */
  trim?(offset: number, length: number): Promise<void>;
}

/** Strings of the protocol are at most so long, in bytes (protocol document, "Conventions"). */
export const maxStringLength = 4096;

/** The exports by name, each looked at. @throws NbdError `NBD_EXPORT_INVALID`. */
export function exportsByName(exports: Iterable<NbdExport>): ReadonlyMap<string, NbdExport> {
  const byName = new Map<string, NbdExport>();
  for (const exported of exports) {
    const complaint = byName.has(exported.name) ? "its name is taken already" : complaintAbout(exported);
    if (complaint !== undefined) throw invalid(exported.name, complaint);
    byName.set(exported.name, exported);
  }
  return byName;
}

function complaintAbout(exported: NbdExport): string | undefined {
  const preferred = exported.preferredBlockLength ?? 4096;
  if (!isProtocolString(exported.name)) return "its name has a NUL or more than 4096 bytes";
  if (!isProtocolString(exported.description ?? ""))
    return "its description has a NUL or more than 4096 bytes";
  if (!Number.isSafeInteger(exported.length) || exported.length < 0)
    return `its length is ${exported.length}`;
  if (preferred < 512 || preferred > maxRequestLength || !Number.isInteger(Math.log2(preferred)))
    return `its preferred block length is ${preferred}, expected a power of two from 512 to ${maxRequestLength}`;
  return undefined;
}

function isProtocolString(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0") && Buffer.byteLength(text) <= maxStringLength;
}

function invalid(exportName: string, complaint: string): NbdError {
  return new NbdError("NBD_EXPORT_INVALID", `cannot export ${JSON.stringify(exportName)}: ${complaint}`, {
    exportName,
  });
}
