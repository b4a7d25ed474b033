import { checkDisk } from "./check-description.ts";
import { composeGpt } from "./compose-gpt.ts";
import { composeMbr } from "./compose-mbr.ts";
import type { TableDescription } from "./table-description.ts";

/** Bytes of a table and where they go in the image. */
export interface TablePiece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * Makes the bytes of the table that `description` describes, bit for bit as sfdisk writes them.
 *
 * GPT: the table in the protective MBR, primary header and entries, backup entries and header. MBR: its table, and the
 * boot records of the logical partitions: the first at the start of the extended one, each other 1 MiB before its
 * partition, or one sector before it if one of them has not that much room. Pieces are in the order of their offsets
 * and do not overlap. All else that the table occupies is expected to be zero; the code in the first 440 bytes of an
 * MBR may be anything.
 *
 * @throws LayoutError `LAYOUT_OUT_OF_RANGE`, `LAYOUT_OVERLAP`, `LAYOUT_UNALIGNED` for places; `LAYOUT_NUMBER_INVALID`,
 * `LAYOUT_NAME_INVALID`, `LAYOUT_ID_INVALID`, `LAYOUT_ID_REPEATED`, `LAYOUT_TYPE_INVALID`, `LAYOUT_ATTRIBUTE_INVALID`
 * for what a partition is called; `LAYOUT_GPT_UNSUPPORTED` for the shape of a GPT; `LAYOUT_EXTENDED_INVALID` for
 * logical partitions that cannot be.
 */
export function composeTable(description: TableDescription): readonly TablePiece[] {
  checkDisk(description);
  const pieces = description.kind === "gpt" ? composeGpt(description) : composeMbr(description);
  return pieces.toSorted((a, b) => a.offset - b.offset);
}
