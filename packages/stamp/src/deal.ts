/**
 * Deals `items` out to `hands`, in order, each to the hand that weighs least so far. Hands that get nothing are left
 * out. Costs items times hands.
 */
export function deal<Item>(
  items: readonly Item[],
  hands: number,
  weightOf: (item: Item) => number,
): Item[][] {
  const dealt = Array.from({ length: hands }, () => ({ weight: 0, items: [] as Item[] }));
  for (const item of items) {
    const lightest = dealt.reduce((least, hand) => (hand.weight < least.weight ? hand : least));
    lightest.items.push(item);
    lightest.weight += weightOf(item);
  }
  return dealt.map((hand) => hand.items).filter((hand) => hand.length > 0);
}
