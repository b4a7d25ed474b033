/** One that wants a part of a span: a partition, or the free space behind it. Lengths are bytes. */
export interface Claim {
  readonly weight: number;
  readonly min: number;
  /** Infinity if there is no bound. */
  readonly max: number;
  /** What its length is a multiple of where the weight decides it. */
  readonly grain: number;
  /** Whether it takes what rounding leaves. */
  readonly takesRest: boolean;
}

interface Shares {
  /** By claim, undefined until it is settled. */
  readonly lengths: (number | undefined)[];
  /** What is not given away yet: bytes, and weights that still have a claim to them. */
  span: number;
  weights: number;
}

type Settle = (claim: Claim, share: number) => number | undefined;

/**
 * Shares `span` bytes out by weight, by systemd-repart's rules: who must have more than its share gets its least
 * length, then who may not have all of its share gets its greatest, each time anew for those that remain; these divide
 * the rest, rounded down to their grains. What is left over goes to the first that take it.
 *
 * Returns one length a claim. Their sum is `span` at most if the least lengths, rounded up to their grains, are. Time
 * is quadratic in the number of claims at worst.
 */
export function shareOut(span: number, claims: readonly Claim[]): readonly number[] {
  const weights = claims.reduce((sum, { weight }) => sum + weight, 0);
  const shares: Shares = { lengths: claims.map(() => undefined), span, weights };
  while (settle(shares, claims, (claim, share) => (claim.min > share ? claim.min : undefined)));
  while (settle(shares, claims, (claim, share) => (claim.max < share ? claim.max : undefined)));
  settle(shares, claims, (claim, share) =>
    Math.min(Math.max(share - (share % claim.grain), claim.min), claim.max),
  );
  for (const [index, claim] of claims.entries()) giveRest(shares, index, claim);
  return shares.lengths.map((length) => length ?? 0);
}

/** Goes once through all claims that are open; tells whether any was settled. */
function settle(shares: Shares, claims: readonly Claim[], decide: Settle): boolean {
  let isSettled = false;
  for (const [index, claim] of claims.entries()) {
    if (shares.lengths[index] !== undefined) continue;
    const length = decide(claim, shareOf(shares, claim.weight));
    if (length === undefined) continue;
    shares.lengths[index] = length;
    shares.weights -= claim.weight;
    charge(shares, length, claim.grain);
    isSettled = true;
  }
  return isSettled;
}

/** Exact: bytes times weight can have more bits than a number. */
function shareOf({ span, weights }: Shares, weight: number): number {
  return weight === 0 ? 0 : Number((BigInt(span) * BigInt(weight)) / BigInt(weights));
}

function charge(shares: Shares, length: number, grain: number): void {
  shares.span = Math.max(0, shares.span - Math.ceil(length / grain) * grain);
}

function giveRest(shares: Shares, index: number, claim: Claim): void {
  const before = shares.lengths[index] ?? 0;
  if (shares.span === 0 || !claim.takesRest) return;
  const all = before + shares.span;
  const length = Math.min(Math.max(all - (all % claim.grain), before), claim.max);
  charge(shares, length - before, claim.grain);
  shares.lengths[index] = length;
}
