/** How hard the encoder looks for matches. */
export interface Effort {
  /** Earlier places that are compared at most, 16 of one hash being kept. */
  readonly depth: number;
  /** A match shorter than this is taken only if the next byte begins no better one; 0: the first one is taken. */
  readonly lazyBelow: number;
  /** A match as long as this is not compared with others. */
  readonly enough: number;
}

/** From level 1 on. 6 is the lowest that comes out smaller than `pigz -6`. */
const efforts: readonly Effort[] = [
  { depth: 1, lazyBelow: 0, enough: 16 },
  { depth: 2, lazyBelow: 0, enough: 24 },
  { depth: 4, lazyBelow: 0, enough: 32 },
  { depth: 4, lazyBelow: 12, enough: 32 },
  { depth: 6, lazyBelow: 16, enough: 48 },
  { depth: 10, lazyBelow: 32, enough: 64 },
  { depth: 13, lazyBelow: 32, enough: 96 },
  { depth: 16, lazyBelow: 32, enough: 258 },
  { depth: 16, lazyBelow: 258, enough: 258 },
];

export const maxLevel: number = efforts.length;
export const defaultLevel = 6;

/** What `level` comes to. @throws RangeError unless it is an integer from 1 to {@link maxLevel}. */
export function effortOf(level: number): Effort {
  const effort = efforts[level - 1];
  if (effort === undefined) throw new RangeError(`no level ${level}: there are levels 1 to ${maxLevel}`);
  return effort;
}
