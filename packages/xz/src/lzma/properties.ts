/** The three numbers of a properties byte: (pb * 5 + lp) * 9 + lc. "LZMA specification" by Igor Pavlov, "lc, lp, pb". */
export interface Properties {
  /** How many high bits of the byte before choose a literal's context. */
  readonly lc: number;
  /** How many low bits of the position choose a literal's context. */
  readonly lp: number;
  /** How many low bits of the position choose the probabilities of everything else. */
  readonly pb: number;
}

/** Undefined for a byte that stands for none, or for more contexts than LZMA2 allows (lc + lp up to 4). */
export function parseProperties(byte: number): Properties | undefined {
  const lc = byte % 9;
  const lp = Math.floor(byte / 9) % 5;
  const pb = Math.floor(byte / 45);
  return pb > 4 || lc + lp > 4 ? undefined : { lc, lp, pb };
}
