interface Range {
  readonly offset: number;
  readonly length: number;
}

/** The offsets of the 4 KiB blocks of ranges. */
export function blocksOf(ranges: readonly Range[]): number[] {
  return ranges.flatMap(({ offset, length }) =>
    Array.from({ length: Math.ceil(length / 4096) }, (_, index) => offset + index * 4096),
  );
}
