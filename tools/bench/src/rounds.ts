/** What is measured beside others. */
export interface Contender<Measured> {
  readonly name: string;
  /** Takes part in the first round only: too slow for more. */
  readonly once?: boolean;
  readonly measure: () => Promise<Measured>;
}

export interface RoundLimits {
  readonly rounds: number;
  /** No round is begun once so many seconds have gone by; the first one always is. */
  readonly seconds: number;
}

/**
 * Measures all contenders in each round, one after the other, so that what disturbs the machine disturbs them alike.
 * Every round begins with another one: who follows whom matters to caches and disks.
 * @returns for each name what was measured, a value a round.
 */
export async function runRounds<Measured>(
  contenders: readonly Contender<Measured>[],
  { rounds, seconds }: RoundLimits,
  now: () => number = () => performance.now(),
): Promise<Map<string, Measured[]>> {
  const measured = new Map<string, Measured[]>(contenders.map(({ name }) => [name, []]));
  const started = now();
  for (let round = 0; round < rounds; round++) {
    if (round > 0 && now() - started > seconds * 1000) break;
    const entered = contenders.filter(({ once = false }) => round === 0 || !once);
    const first = round % entered.length;
    for (const { name, measure } of [...entered.slice(first), ...entered.slice(0, first)]) {
      measured.get(name)?.push(await measure());
    }
  }
  return measured;
}
