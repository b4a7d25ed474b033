import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { ByteSource, Patch } from "@bootstamp/byte-source";
import { checkBase, decodeStamp, encodeStamp, type StampBase } from "@bootstamp/stamp-file";
import { besideName, explainWriteFailure, writeWholeFile } from "@bootstamp/whole-file";
import { CowError } from "./cow-error.ts";
import { CowImage, mostBlocks } from "./cow-image.ts";
import { ScratchFile } from "./scratch-file.ts";

export interface CowRequest {
  readonly base: ByteSource;
  /** Of the base; taken at its word. */
  readonly identity: StampBase;
  /** The stamp that the writes become. The caller keeps others from it. */
  readonly path: string;
  /** The bytes at `path` now; undefined if nothing is there. */
  readonly stamp: Uint8Array | undefined;
  /** The variant's name in the stamp. */
  readonly name: string;
}

/** A base that is written over, and the stamp that comes of it. */
export interface OpenCow {
  readonly image: CowImage;
  /** Whether this goes on with what an earlier run had written when it was cut off. */
  readonly recovered: boolean;
  /** Makes the stamp, whole or not at all, and removes the scratch file. @returns what the stamp overwrites. */
  save(): Promise<Patch>;
  /**
   * Closes the scratch file; if nothing was saved it stays, and the next opening goes on with it. In any case to be
   * called.
   */
  close(): Promise<void>;
}

/**
 * Opens a base for writing over it, which does not change it: written blocks are kept in a scratch file beside the stamp,
 * `.NAME.bootstamp-scratch`. Goes on with the stamp that is there, or with the scratch file of a run that was cut off.
 * @throws StampFileError of the stamp, `STAMP_FILE_OTHER_BASE` among them; CowError `COW_FULL`, `COW_SCRATCH_FOREIGN`,
 * `COW_SCRATCH_OTHER`; WholeFileError.
 */
export async function openCow(request: CowRequest): Promise<OpenCow> {
  try {
    const path = scratchPath(request.path);
    const left = await ScratchFile.reopen(path, mostBlocks);
    const scratch = left ?? (await begin(request, path));
    const image = new CowImage(request.base, scratch);
    if (left !== undefined) await checkLeft(left, image, request);
    return {
      image,
      recovered: left !== undefined,
      save: async () => await save(image, request),
      close: async () => await scratch.close(),
    };
  } catch (error) {
    throw explainWriteFailure(request.path, error);
  }
}

function scratchPath(path: string): string {
  return besideName(path, "bootstamp-scratch");
}

/** A new scratch file that has what the stamp says. It gets its name only then: a half of it would take from the stamp. */
async function begin(request: CowRequest, path: string): Promise<ScratchFile> {
  const { base, identity, stamp } = request;
  const patch = stamp === undefined ? [] : patchOf(stamp, identity);
  const temporary = `${path}-new`;
  const scratch = await ScratchFile.create(temporary, {
    slots: mostBlocks,
    rawLength: base.length,
    baseCrc32: identity.rawCrc32,
    began: digestOf(stamp),
  });
  try {
    const image = new CowImage(base, scratch);
    for (const { offset, bytes } of patch) await image.write(offset, bytes);
    await image.flush();
    await sync(temporary);
    await rename(temporary, path);
    await sync(dirname(path));
    return scratch;
  } catch (error) {
    await scratch.close();
    await rm(temporary, { force: true });
    throw error;
  }
}

function patchOf(bytes: Uint8Array, identity: StampBase): Patch {
  const stamp = decodeStamp(bytes);
  checkBase(stamp, identity);
  return stamp.patch;
}

/** What was left is gone on with only if it began from the stamp that is there, or if that stamp has all of it already. */
async function checkLeft(scratch: ScratchFile, image: CowImage, request: CowRequest): Promise<void> {
  try {
    const why = await whyNotOurs(scratch, image, request);
    if (why === undefined) return;
    const path = scratchPath(request.path);
    throw new CowError("COW_SCRATCH_OTHER", `${path} was left by writes ${why}`, { scratch: path });
  } catch (error) {
    await scratch.close();
    throw error;
  }
}

async function whyNotOurs(
  { head }: ScratchFile,
  image: CowImage,
  { base, identity, path, stamp }: CowRequest,
): Promise<string | undefined> {
  if (head.rawLength !== base.length || head.baseCrc32 !== identity.rawCrc32) return "over another base";
  if (head.began === digestOf(stamp)) return undefined;
  const { patch } = await image.difference(identity);
  if (stamp !== undefined && samePatch(patch, patchOf(stamp, identity))) return undefined;
  return `that began from another ${path} than is there now`;
}

function samePatch(one: Patch, other: Patch): boolean {
  return one.length === other.length && one.every((run, index) => sameRun(run, other[index]));
}

function sameRun({ offset, bytes }: Patch[number], other: Patch[number] | undefined): boolean {
  return other !== undefined && offset === other.offset && Buffer.compare(bytes, other.bytes) === 0;
}

async function save(image: CowImage, { identity, path, name }: CowRequest): Promise<Patch> {
  try {
    const difference = await image.difference(identity);
    const stamp = encodeStamp({ name, ...difference, artifacts: [] });
    await writeWholeFile(path, async (temporary) => writeFileSync(temporary, stamp, { flag: "wx" }));
    await rm(scratchPath(path));
    await sync(dirname(path));
    return difference.patch;
  } catch (error) {
    throw explainWriteFailure(path, error);
  }
}

function digestOf(stamp: Uint8Array | undefined): string | undefined {
  return stamp === undefined ? undefined : createHash("sha256").update(stamp).digest("hex");
}

/** Of a file or a directory. */
async function sync(path: string): Promise<void> {
  await using handle = await open(path, "r");
  await handle.sync();
}
