import type { ByteRange, TableDescription } from "@bootstamp/layout";
import { commonMultiple, roundUp } from "./multiple.ts";
import { costOf, type JudgeFacts, type LayoutCost, type Piece } from "./layout-cost.ts";
import { isFirmwareFat } from "./partition-types.ts";

/** A change that would make stamping cheaper, with what it saves a variant. */
export interface JudgedChange {
  readonly change: LayoutChange;
  /** The numbers of the partitions to change. */
  readonly partitions: readonly number[];
  /** What a variant would cost then, and how much less that is than now; a figure that grows is below zero. */
  readonly cost: LayoutCost;
  readonly saving: LayoutCost;
  /** What to look at before. */
  readonly caution: string | undefined;
}

/** Put behind all others; started at a multiple of a stored block; cut down to content and reserve; all of these. */
export type LayoutChange = "last" | "aligned" | "shrunk" | "all";

export interface LayoutJudgement {
  readonly now: LayoutCost;
  /** Only those that save something. The one called "all" is there when there are two or more others. */
  readonly changes: readonly JudgedChange[];
  /** Why something was not considered. */
  readonly notes: readonly string[];
}

/**
 * Judges where the partitions of an image lie, by the measure that {@link planLayout} plans by: what each change would
 * save a variant whose differences are in the partitions with the given numbers. Numbers that are not in the table are
 * passed over; without any that is, nothing costs anything.
 */
export function judgeLayout(
  table: TableDescription,
  regions: readonly number[],
  facts: JudgeFacts,
): LayoutJudgement {
  const pieces = piecesOf(table, regions, facts);
  const now = costOf(pieces, facts);
  const notes: string[] = [];
  const isBound = table.kind === "mbr" && boundNumbers(table, regions, notes).length > 0;
  const single = [
    judged("last", now, isBound ? pieces : aligned(putLast(pieces), table, facts), pieces, facts),
    judged("aligned", now, aligned(pieces, table, facts), pieces, facts),
    judged("shrunk", now, shrunk(pieces, table, facts), pieces, facts),
  ].filter((change) => isWorthIt(change.saving));
  const all = single.map(({ change }) => change);
  if (all.length < 2) return { now, changes: single, notes };
  const together = applyAll(all, pieces, table, facts);
  return { now, changes: [...single, judged("all", now, together, pieces, facts)], notes };
}

function piecesOf(table: TableDescription, regions: readonly number[], facts: JudgeFacts): readonly Piece[] {
  const varying = table.partitions
    .filter(({ number }) => regions.includes(number))
    .toSorted((a, b) => a.offset - b.offset);
  const pieces: Piece[] = [];
  let end = 0;
  for (const { number, offset, length } of varying) {
    if (offset > end) pieces.push(otherPiece({ offset: end, length: offset - end }, facts));
    const stored = facts.storedLength?.(number) ?? length;
    const packed = stored === length ? length : stored + facts.packedLength({ offset, length });
    pieces.push({ number, rawLength: length, packedLength: packed, storedLength: stored });
    end = offset + length;
  }
  if (end < table.diskLength) pieces.push(otherPiece({ offset: end, length: table.diskLength - end }, facts));
  return pieces;
}

function otherPiece(range: ByteRange, facts: JudgeFacts): Piece {
  return {
    number: undefined,
    rawLength: range.length,
    packedLength: facts.packedLength(range),
    storedLength: 0,
  };
}

/** Partitions that firmware may look for where they are. */
function boundNumbers(
  table: TableDescription,
  regions: readonly number[],
  notes: string[],
): readonly number[] {
  const bound = table.partitions.filter(
    ({ number, typeId }) => regions.includes(number) && isFirmwareFat(typeId),
  );
  const logical = table.kind === "mbr" && table.partitions.some(({ placement }) => placement !== "primary");
  for (const { number } of bound)
    notes.push(
      `partition ${number} is not considered for the last place: firmware that reads an MBR takes the first FAT partition`,
    );
  if (logical) notes.push("no partition is considered for the last place: there are logical partitions");
  return logical ? regions : bound.map(({ number }) => number);
}

/** The backup of a GPT is behind them all the same; its few bytes are not told apart from the rest. */
function putLast(pieces: readonly Piece[]): readonly Piece[] {
  return [
    ...pieces.filter(({ number }) => number === undefined),
    ...pieces.filter(({ number }) => number !== undefined),
  ];
}

/** Free space before what varies, as much as is missing to the next block. */
function aligned(pieces: readonly Piece[], table: TableDescription, facts: JudgeFacts): readonly Piece[] {
  const alignment = commonMultiple(table.sectorLength, facts.storedAlignment);
  const moved: Piece[] = [];
  let offset = 0;
  for (const piece of pieces) {
    const gap = piece.number === undefined ? 0 : roundUp(offset, alignment) - offset;
    if (gap > 0) moved.push({ number: undefined, rawLength: gap, packedLength: 0, storedLength: 0 });
    moved.push(piece);
    offset += gap + piece.rawLength;
  }
  return moved;
}

function shrunk(pieces: readonly Piece[], table: TableDescription, facts: JudgeFacts): readonly Piece[] {
  const grain = commonMultiple(table.sectorLength, facts.storedAlignment);
  return pieces.map((piece) => {
    const content = piece.number === undefined ? undefined : facts.contentLength(piece.number);
    if (content === undefined) return piece;
    const rawLength = Math.min(piece.rawLength, roundUp(content + facts.reserve, grain));
    const isWhole = piece.storedLength === piece.rawLength;
    if (!isWhole) return { ...piece, rawLength };
    return { ...piece, rawLength, packedLength: rawLength, storedLength: rawLength };
  });
}

/** Shrunk before it is moved, and aligned where it then lies, as a plan has it. */
function applyAll(
  changes: readonly LayoutChange[],
  pieces: readonly Piece[],
  table: TableDescription,
  facts: JudgeFacts,
): readonly Piece[] {
  const smaller = changes.includes("shrunk") ? shrunk(pieces, table, facts) : pieces;
  const moved = changes.includes("last") ? putLast(smaller) : smaller;
  return aligned(moved, table, facts);
}

function judged(
  change: LayoutChange,
  now: LayoutCost,
  then: readonly Piece[],
  before: readonly Piece[],
  facts: JudgeFacts,
): JudgedChange {
  const cost = costOf(then, facts);
  const hashedBytes = now.hashedBytes - cost.hashedBytes;
  return {
    change,
    partitions: before.flatMap(({ number }) => number ?? []),
    cost,
    saving: {
      storedBytes: now.storedBytes - cost.storedBytes,
      hashedBytes,
      hashSeconds: facts.hashRate === undefined ? undefined : hashedBytes / facts.hashRate,
      uploadBytes: now.uploadBytes - cost.uploadBytes,
    },
    caution: change === "last" || change === "all" ? lastCaution : undefined,
  };
}

const lastCaution =
  "what grows on the first boot must stay behind all others, and a boot loader that addresses sectors must be installed again";

function isWorthIt({ storedBytes, hashedBytes, uploadBytes }: LayoutCost): boolean {
  return Math.max(storedBytes, hashedBytes, uploadBytes) > 0;
}
