import type { NbdExport } from "../nbd-export.ts";

/** Bits of the transmission flags (NBD protocol document, "Transmission flags"). */
const flag = {
  hasFlags: 1 << 0,
  readOnly: 1 << 1,
  flush: 1 << 2,
  fua: 1 << 3,
  trim: 1 << 5,
  writeZeroes: 1 << 6,
  df: 1 << 7,
  multiConn: 1 << 8,
  cache: 1 << 10,
  fastZero: 1 << 11,
} as const;

/**
 * What a client may do with an export. Multi-conn always: connections share the export, so that a flush of one covers
 * the writes of all. Fast zero where there is zeroing, so that clients may ask, and be told that it is not fast.
 */
export function transmissionFlags(exported: NbdExport, structured: boolean): number {
  const { writer } = exported;
  return (
    flag.hasFlags |
    flag.flush |
    flag.multiConn |
    (writer === undefined ? flag.readOnly : flag.fua) |
    (writer?.trim === undefined ? 0 : flag.trim) |
    (writer?.writeZeroes === undefined ? 0 : flag.writeZeroes | flag.fastZero) |
    (exported.cache === undefined ? 0 : flag.cache) |
    (structured ? flag.df : 0)
  );
}
