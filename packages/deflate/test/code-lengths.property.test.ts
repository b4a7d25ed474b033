import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { compileEncoder } from "../build/compile-encoder.ts";

interface CodeLengthsModule {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  setCodeLengths(frequencies: number, count: number, limit: number, lengths: number): void;
}
declare const WebAssembly: {
  instantiate(code: Uint8Array): Promise<{ instance: { exports: CodeLengthsModule } }>;
};

let codeLengths: (frequencies: readonly number[], limit: number) => number[];
beforeAll(async () => {
  const { instance } = await WebAssembly.instantiate(compileEncoder("code-lengths.ts"));
  const { memory } = instance.exports;
  const at = memory.grow(1) << 16;
  codeLengths = (frequencies, limit) => {
    new Uint32Array(memory.buffer, at, frequencies.length).set(frequencies);
    instance.exports.setCodeLengths(at, frequencies.length, limit, at + 4096);
    return [...new Uint8Array(memory.buffer, at + 4096, frequencies.length)];
  };
}, 120_000);

const fibonacci = (count: number): number[] => {
  const numbers = [1, 1];
  while (numbers.length < count) numbers.push((numbers.at(-1) ?? 0) + (numbers.at(-2) ?? 0));
  return numbers.slice(0, count);
};

/** 1 for a complete code, of which every sequence of bits is the beginning of something. */
const room = (lengths: readonly number[]): number =>
  lengths.reduce((sum, length) => sum + (length === 0 ? 0 : 2 ** -length), 0);
const cost = (frequencies: readonly number[], lengths: readonly number[]): number =>
  frequencies.reduce((sum, frequency, index) => sum + frequency * (lengths[index] ?? 0), 0);

describe.each([
  { limit: 15, count: 286 },
  { limit: 15, count: 30 },
  { limit: 7, count: 19 },
])("codes of $count symbols, up to $limit bits", ({ limit, count }) => {
  const rare = fc.constantFrom(0, 0, 1, 2, 3, 50, 10_000, 1_000_000);
  const frequencies = fc.array(fc.oneof(rare, fc.nat(70_000)), { minLength: count, maxLength: count });

  const even = fc.array(fc.nat(9), { minLength: count, maxLength: count });

  test("are complete, within the limit, and shorter for what comes more often", () => {
    fc.assert(
      fc.property(frequencies, (given) => {
        const lengths = codeLengths(given, limit);
        expect(room(lengths)).toBe(1);
        expect(Math.max(...lengths)).toBeLessThanOrEqual(limit);
        const used = given.flatMap((frequency, index) =>
          frequency === 0 ? [] : [[frequency, lengths[index] ?? 0]],
        );
        if (used.length < 2) return;
        expect(lengths.filter((length) => length > 0).length).toBe(used.length);
        const byFrequency = used.toSorted(([a = 0, x = 0], [b = 0, y = 0]) => b - a || x - y);
        const sorted = byFrequency.map(([, length]) => length ?? 0);
        expect(sorted).toEqual(sorted.toSorted((a, b) => a - b));
      }),
    );
  });

  test("are the best there are where the limit does not matter", () => {
    fc.assert(
      fc.property(even, (given) => {
        const lengths = codeLengths(given, limit);
        const used = given.filter((frequency) => frequency > 0);
        fc.pre(used.length >= 2 && Math.max(...lengths) < limit);
        expect(cost(given, lengths)).toBe(leastCost(used));
      }),
    );
  });

  test("keep the limit where the best code would be as deep as it can get", () => {
    for (let symbols = 2; symbols <= Math.min(count, 30); symbols++) {
      const lengths = codeLengths([...fibonacci(symbols), ...Array<number>(count - symbols).fill(0)], limit);
      expect(room(lengths)).toBe(1);
      expect(Math.max(...lengths)).toBe(Math.min(symbols - 1, limit));
    }
  });

  test("are two at least", () => {
    const none = Array<number>(count).fill(0);
    expect(room(codeLengths(none, limit))).toBe(1);
    for (const only of [0, 1, count - 1]) {
      const lengths = codeLengths(none.with(only, 9), limit);
      expect(lengths[only]).toBe(1);
      expect(room(lengths)).toBe(1);
    }
  });
});

/** Huffman's own way: the sum of all joints. */
function leastCost(frequencies: readonly number[]): number {
  const weights = [...frequencies];
  let sum = 0;
  while (weights.length > 1) {
    weights.sort((a, b) => b - a);
    const joint = (weights.pop() ?? 0) + (weights.pop() ?? 0);
    sum += joint;
    weights.push(joint);
  }
  return sum;
}
