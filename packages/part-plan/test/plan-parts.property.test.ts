import {
  planEqualParts,
  planParts,
  s3Rules,
  type Part,
  type PartRules,
  type Span,
} from "@bootstamp/part-plan";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const rules: PartRules = { leastLength: 5, mostLength: 40, mostParts: 1000 };

/** Spans whose shared ones lie in order in a base, now and then with a jump. */
function spansOf(longest: number, most: number): fc.Arbitrary<Span[]> {
  const one = fc.record({
    kind: fc.constantFrom("shared" as const, "fresh" as const),
    length: fc.integer({ min: 0, max: longest }),
    jump: fc.constantFrom(0, 0, 0, 3),
  });
  return fc.array(one, { maxLength: most }).map((all) => {
    let baseOffset = 0;
    return all.map(({ kind, length, jump }): Span => {
      const span = { kind, length, baseOffset: baseOffset + jump };
      baseOffset += length + jump;
      return kind === "shared" ? span : { kind, length };
    });
  });
}

/** For each byte of the object where it lies in the base, or -1. */
function bytesOf(spans: readonly Span[]): number[] {
  return spans.flatMap(({ length, baseOffset }) =>
    Array.from({ length }, (_, index) => (baseOffset === undefined ? -1 : baseOffset + index)),
  );
}

function expectSound(
  parts: readonly Part[],
  spans: readonly Span[],
  { leastLength, mostLength, mostParts }: PartRules,
): void {
  const bytes = bytesOf(spans);
  let end = 0;
  for (const [index, part] of parts.entries()) {
    expect(part.offset).toBe(end);
    end += part.length;
    expect(part.length).toBeLessThanOrEqual(mostLength);
    expect(part.length).toBeGreaterThanOrEqual(index === parts.length - 1 ? 1 : leastLength);
    if (part.kind === "upload") continue;
    const copied = Array.from({ length: part.length }, (_, within) => part.baseOffset + within);
    expect(copied).toEqual(bytes.slice(part.offset, end));
  }
  expect(end).toBe(bytes.length);
  expect(parts.length).toBeLessThanOrEqual(mostParts);
}

/** The fewest bytes to upload, found by trying every cut: `fewest[n]` for an object that ends after n bytes. */
function fewestUploaded(spans: readonly Span[], least: number): number {
  const bytes = bytesOf(spans);
  const fewest = [0];
  for (let end = 1; end <= bytes.length; end++) {
    fewest[end] = Infinity;
    for (let start = 0; start < end; start++) {
      if (end - start < least && end < bytes.length) continue;
      const first = bytes[start] ?? -1;
      const inOnePiece = bytes.slice(start, end).every((at, index) => first >= 0 && at === first + index);
      const cost = (fewest[start] ?? Infinity) + (inOnePiece ? 0 : end - start);
      fewest[end] = Math.min(fewest[end] ?? Infinity, cost);
    }
  }
  return fewest[bytes.length] ?? 0;
}

const mebibyte = 2 ** 20;

function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { length }) => sum + length, 0);
}

function halfOf(count: number): number {
  return (count * mebibyte) / 2;
}

/** The same spans, each byte of them half a MiB. */
function halfMebibytes(spans: fc.Arbitrary<Span[]>): fc.Arbitrary<Span[]> {
  return spans.map((all) =>
    all.map(({ kind, length, baseOffset }): Span =>
      baseOffset === undefined
        ? { kind, length: halfOf(length) }
        : { kind, length: halfOf(length), baseOffset: halfOf(baseOffset) },
    ),
  );
}

/** The shortest that will do, and whole MiB up to four times of it. */
function lengthsTried(length: number, { leastLength, mostLength, mostParts }: PartRules): number[] {
  const shortest = Math.max(leastLength, Math.ceil(length / mostParts));
  const whole = Array.from({ length: mostLength / mebibyte }, (_, before) => (before + 1) * mebibyte);
  return [shortest, ...whole.filter((each) => each > shortest && each <= 4 * shortest)];
}

/** What has to be uploaded in parts of one length: those that do not lie in the base in one piece. */
function uploadedIn(spans: readonly Span[], partLength: number): number {
  const length = lengthOf(spans);
  let uploaded = 0;
  for (let start = 0; start < length; start += partLength) {
    const end = Math.min(start + partLength, length);
    if (!isInOnePiece(spans, start, end)) uploaded += end - start;
  }
  return uploaded;
}

/** Whether all spans with bytes of a range have them at one distance from where the base has them. */
function isInOnePiece(spans: readonly Span[], start: number, end: number): boolean {
  const distances = new Set<number | undefined>();
  let offset = 0;
  for (const { length, baseOffset } of spans) {
    if (length > 0 && offset < end && offset + length > start)
      distances.add(baseOffset === undefined ? undefined : baseOffset - offset);
    offset += length;
  }
  return distances.size === 1 && !distances.has(undefined);
}

describe("planParts", () => {
  test("gives parts that the rules allow, which make up the object", () => {
    fc.assert(
      fc.property(spansOf(200, 12), fc.integer({ min: 1, max: 80 }), (spans, uploadLength) =>
        expectSound(planParts(spans, rules, uploadLength).parts, spans, rules),
      ),
    );
  });

  test("uploads the fewest bytes that any parts could do with", () => {
    fc.assert(
      fc.property(fc.oneof(spansOf(9, 12), spansOf(16, 8), spansOf(6, 20)), (spans) => {
        const plan = planParts(spans, rules, 10);
        expect(plan.uploadedBytes).toBe(fewestUploaded(spans, rules.leastLength));
        expect(plan.uploadedBytes + plan.copiedBytes).toBe(bytesOf(spans).length);
      }),
      { numRuns: 2000 },
    );
  });

  test("stays within the number of parts, at the price of uploads", () => {
    const few = { leastLength: 5, mostLength: 400, mostParts: 7 };
    fc.assert(
      fc.property(spansOf(60, 20), (spans) => expectSound(planParts(spans, few, 10).parts, spans, few)),
    );
  });

  test("that price is bound: the fewest bytes for parts as long as so few equal ones, or up to twice of it", () => {
    const few = { leastLength: 5, mostLength: 400, mostParts: 7 };
    const leastFor = (length: number): number => {
      let least = few.leastLength;
      while (least * few.mostParts < length) least *= 2;
      return least;
    };
    fc.assert(
      fc.property(fc.oneof(spansOf(9, 8), spansOf(25, 8), spansOf(6, 25)), (spans) => {
        const least = leastFor(bytesOf(spans).length);
        const { uploadedBytes } = planParts(spans, few, 10);
        expect(uploadedBytes).toBeLessThanOrEqual(fewestUploaded(spans, least));
        expect(uploadedBytes).toBeGreaterThanOrEqual(fewestUploaded(spans, few.leastLength));
      }),
      { numRuns: 1000 },
    );
  });
});

describe("planEqualParts", () => {
  test("gives parts of one length but for the last, which make up the object", () => {
    fc.assert(
      fc.property(spansOf(200, 12), (spans) => {
        const { parts } = planEqualParts(spans, rules);
        expectSound(parts, spans, rules);
        expect(new Set(parts.slice(0, -1).map(({ length }) => length)).size).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("of the lengths that it tries, takes the one that leaves least to upload, the longest of several", () => {
    const large = { leastLength: 5 * mebibyte, mostLength: 17 * mebibyte, mostParts: 11 };
    fc.assert(
      fc.property(halfMebibytes(spansOf(60, 8)), (spans) => {
        const length = lengthOf(spans);
        fc.pre(length > 0 && length <= large.mostLength * large.mostParts);
        const tried = lengthsTried(length, large).map((each) => [each, uploadedIn(spans, each)] as const);
        const fewest = Math.min(...tried.map(([, uploaded]) => uploaded));
        const best = Math.max(...tried.filter(([, uploaded]) => uploaded === fewest).map(([each]) => each));
        const { parts, uploadedBytes } = planEqualParts(spans, large);
        expect(uploadedBytes).toBe(fewest);
        expect(parts[0]?.length).toBe(Math.min(best, length));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("a variant of an object of 1 GB in S3", () => {
  const length = 1e9;
  const trailer = 8;
  const window = { offset: 400e6, length: 64 * 1024 };
  const spans: Span[] = [
    { kind: "shared", length: window.offset, baseOffset: 0 },
    { kind: "fresh", length: window.length },
    {
      kind: "shared",
      length: length - window.offset - window.length - trailer,
      baseOffset: window.offset + window.length,
    },
    { kind: "fresh", length: trailer },
  ];

  test("is one window of 5 MiB, the last few bytes, and two copies", () => {
    const { parts, uploadedBytes } = planParts(spans, s3Rules);
    expect(parts.map(({ kind }) => kind)).toEqual(["copy", "upload", "copy", "upload"]);
    expect(uploadedBytes).toBe(5 * 2 ** 20 + trailer);
  });

  test("is two or three parts to upload where all have to be of one length", () => {
    const { parts, uploadedBytes } = planEqualParts(spans, s3Rules);
    expect(parts.filter(({ kind }) => kind === "upload").length).toBeLessThanOrEqual(3);
    expect(uploadedBytes).toBeLessThanOrEqual(3 * (parts[0]?.length ?? 0));
  });
});

function shared(length: number): Span[] {
  return [{ kind: "shared", length, baseOffset: 0 }];
}

describe("at the limits", () => {
  test("nothing takes no parts", () => {
    expect(planParts([], s3Rules).parts).toEqual([]);
    expect(planEqualParts([], s3Rules).parts).toEqual([]);
  });

  test("an object of the largest size takes the most parts, one byte more is refused", () => {
    const most = s3Rules.mostLength * s3Rules.mostParts;
    expect(planParts(shared(most), s3Rules).parts).toHaveLength(s3Rules.mostParts);
    expect(planEqualParts(shared(most), s3Rules).parts).toHaveLength(s3Rules.mostParts);
    for (const plan of [planParts, planEqualParts]) {
      expect(() => plan(shared(most + 1), s3Rules)).toThrow(
        expect.objectContaining({ code: "PARTS_OBJECT_TOO_LARGE" }),
      );
    }
  });

  test.each([
    { kind: "fresh", length: -1 },
    { kind: "fresh", length: 0.5 },
    { kind: "shared", length: 1 },
    { kind: "shared", length: 1, baseOffset: -1 },
  ] satisfies Span[])("refuses %o", (span) => {
    expect(() => planParts([span], s3Rules)).toThrow(RangeError);
  });

  test("thousands of short changes are planned in a moment, within the number of parts", () => {
    const spans = Array.from({ length: 40_000 }, (_, index): Span[] => [
      { kind: "shared", length: 6 * 2 ** 20, baseOffset: index * 6 * 2 ** 20 },
      { kind: "fresh", length: 4096 },
    ]).flat();
    const { parts } = planParts(spans, s3Rules);
    expect(parts.length).toBeLessThanOrEqual(10_000);
    expect(parts.length).toBeGreaterThan(1000);
  });
});
