import type { Edit } from "../edit.ts";
import { roundUp } from "../space.ts";
import { unusedPath, type Foreseen, type ForeseenFile } from "./foreseen-files.ts";
import { countingUnit } from "./reserve.ts";

/** Edits for a scratch overlay, of a size that can be had smaller where the space is not there. */
export interface Rehearsal {
  readonly counts: "bytes" | "names";
  /** What `edits` is asked for first. */
  readonly largest: number;
  readonly edits: (size: number) => Edit[];
}

/** Longest name in bytes that a file system keeps. */
const longestName = 255;

/**
 * The edits whose changes together are all that foreseen edits can change.
 *
 * Writers take, from some starting block on, the first blocks that are free: after a file's end where it grows, at the
 * start of its group where it is new. So a block that an edit takes is either the first free one of all after the start
 * of new files, and then among those that one new file of everybody's size would take; or it lies beyond, where none but
 * growing files come, and then it is among those that this file alone would take if it grew by what all of them do.
 */
export function rehearsalsOf(foreseen: Foreseen, blockLength: number): Rehearsal[] {
  const { files, filesDemand } = foreseen;
  const allGrown = (share: number): Edit[] => files.map((file) => grown(file, Math.floor(file.room * share)));
  const rehearsals = [
    inBytes(filesDemand, (size) => allGrown(size / filesDemand)),
    inBytes(filesDemand, () => files.map(emptied)),
    ...files.flatMap((file) => alone(file, foreseen)),
    ...newFiles(foreseen, blockLength, allGrown(1)),
  ];
  return rehearsals.filter(({ largest }) => largest > 0);
}

function inBytes(largest: number, edits: Rehearsal["edits"]): Rehearsal {
  return { counts: "bytes", largest, edits };
}

/** One file by what all may grow by, and moved to where its writer would put it now. */
function alone(file: ForeseenFile, { filesDemand, missingNames }: Foreseen): Rehearsal[] {
  const { content, above, path } = file;
  const growing = inBytes(filesDemand, (size) => [grown(file, size)]);
  if (content !== undefined) {
    return [
      growing,
      inBytes(filesDemand, (size) => [emptied(file), write(path, noise(content.length + size))]),
    ];
  }
  // Inodes are taken in order, too: others that are made before it in the same place.
  const siblings = Array.from({ length: missingNames }, (_, index) => unusedPath(above, index, 0));
  const made = siblings.map((sibling) => write(sibling, new Uint8Array()));
  return [growing, inBytes(filesDemand, (size) => [...made, grown(file, size)])];
}

function newFiles(foreseen: Foreseen, blockLength: number, allGrown: readonly Edit[]): Rehearsal[] {
  const { newFiles: wanted, filesDemand } = foreseen;
  if (wanted.bytes === 0) return [];
  const many = (before: readonly Edit[]): Rehearsal => ({
    counts: "names",
    largest: wanted.count,
    edits: (count) => [...before, ...manyFiles(foreseen, count, blockLength)],
  });
  return [
    inBytes(wanted.bytes + filesDemand, (size) => [wholeRoom(foreseen, size)]),
    many([]),
    // A directory grows from where it ends, too, and may find what files have grown into.
    many(allGrown),
  ];
}

/** One new file that takes all. */
function wholeRoom({ newFiles: { directory } }: Foreseen, size: number): Edit {
  return write(unusedPath(directory, 0, longestName), noise(size));
}

/** As many files as can be, with the longest names, a directory among them; the last one takes what is left. */
function manyFiles(
  { newFiles: { directory, bytes }, missingNames }: Foreseen,
  count: number,
  blockLength: number,
): Edit[] {
  const unit = countingUnit(blockLength);
  const small = Array.from({ length: Math.max(0, count - 1) + missingNames }, (_, index) => index + 1);
  const last = Math.max(0, bytes - roundUp(2 * count * unit, unit));
  const folder = unusedPath(directory, 0, longestName);
  return [
    { verb: "mkdir", path: folder },
    ...small.map((number) => write(unusedPath(directory, number, longestName), noise(1))),
    write(unusedPath(folder, 0, 0), noise(last)),
  ];
}

/** Every byte another, and `size` bytes longer. */
function grown({ path, content = new Uint8Array() }: ForeseenFile, size: number): Edit {
  return write(path, Buffer.concat([content.map((byte) => byte ^ 0xff), noise(size)]));
}

function emptied({ path }: ForeseenFile): Edit {
  return write(path, new Uint8Array());
}

function write(path: string, content: Uint8Array): Edit {
  return { verb: "write", path, content };
}

/** Bytes that no block of an image holds by chance, the same each time (xorshift, Marsaglia 2003). */
function noise(length: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = 0x9e37_79b9;
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return new Uint8Array(words.buffer, 0, length);
}
