import { closeSync, constants, copyFileSync, openSync, statSync, writeSync } from "node:fs";
import { openEditor, type Edit, type EditOutcome, type Region, type RegionEditor } from "@bootstamp/bootfs";
import { FileSource, type Patch } from "@bootstamp/byte-source";
import { afterAll } from "vitest";

/** One editor for a test file, closed after it. */
export function sharedEditor(threads = 2): RegionEditor {
  const editor = openEditor({ threads });
  afterAll(() => editor.close());
  return editor;
}

export interface EditOptions {
  readonly region?: Region;
  readonly sectorLength?: number;
  readonly clock?: number;
}

/** Edits the file system in an image, by default in the whole of it, without writing anything. */
export async function editImage(
  editor: RegionEditor,
  path: string,
  edits: readonly Edit[],
  options: EditOptions = {},
): Promise<EditOutcome> {
  const source = FileSource.open(path);
  try {
    const { region = { offset: 0, length: source.length }, sectorLength = 512, clock } = options;
    return await editor.edit({ source, region, sectorLength, edits, clock });
  } finally {
    source.close();
  }
}

/** Copies an image and writes a patch into the copy. */
export function applyPatch(image: string, patch: Patch, target: string): void {
  copyFileSync(image, target, constants.COPYFILE_FICLONE);
  const file = openSync(target, "r+");
  for (const { offset, bytes } of patch) writeSync(file, bytes, 0, bytes.length, offset);
  closeSync(file);
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Bytes that no two offsets share by a simple rule. */
export function noise(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed >>> 0;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

export function lengthOf(path: string): number {
  return statSync(path).size;
}
