import { SourceError } from "./source-error.ts";

/** Throws `SOURCE_OUT_OF_RANGE` unless `offset..offset + length` lies inside `0..sourceLength`. */
export function checkRange(sourceLength: number, offset: number, length: number): void {
  const fits =
    Number.isSafeInteger(offset) &&
    Number.isSafeInteger(length) &&
    offset >= 0 &&
    length >= 0 &&
    length <= sourceLength - offset;
  if (!fits) {
    throw new SourceError(
      "SOURCE_OUT_OF_RANGE",
      `cannot read ${length} bytes at offset ${offset}: the source has ${sourceLength} bytes`,
      { offset, length, sourceLength },
    );
  }
}
