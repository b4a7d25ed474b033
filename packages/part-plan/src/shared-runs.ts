import type { Span } from "./span.ts";

/** A longest run of a new object that lies in one piece in the base object too. */
export interface SharedRun {
  readonly offset: number;
  readonly length: number;
  readonly baseOffset: number;
}

export interface ObjectShape {
  readonly length: number;
  readonly shared: readonly SharedRun[];
}

/** Finds the shared runs of an object that consists of `spans`, one after the other. `RangeError` for what is no length. */
export function shapeOf(spans: Iterable<Span>): ObjectShape {
  const shared: SharedRun[] = [];
  let offset = 0;
  for (const { kind, length, baseOffset = NaN } of spans) {
    if (!isLength(length) || (kind === "shared" && !isLength(baseOffset))) {
      throw new RangeError(`not a span: ${kind}, ${length} bytes, at ${baseOffset} in the base`);
    }
    if (kind === "shared" && length > 0) append(shared, { offset, length, baseOffset });
    offset += length;
  }
  return { length: offset, shared };
}

function append(shared: SharedRun[], run: SharedRun): void {
  const last = shared.at(-1);
  const goesOn =
    last !== undefined &&
    last.offset + last.length === run.offset &&
    last.baseOffset + last.length === run.baseOffset;
  if (goesOn) shared[shared.length - 1] = { ...last, length: last.length + run.length };
  else shared.push(run);
}

function isLength(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
