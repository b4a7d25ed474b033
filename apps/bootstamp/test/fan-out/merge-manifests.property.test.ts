// However the variants of a release are dealt out, the merged manifest is the one of a single build.
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  manifestText,
  type ArtifactRecord,
  type Manifest,
  type StampRecord,
} from "../../src/build/manifest.ts";
import { mergeManifests, type ShardManifest } from "../../src/commands/collect/merge-manifests.ts";

interface Deal {
  readonly variants: readonly string[];
  readonly formats: readonly string[];
  /** Which shard each variant is in, by its place in the list. */
  readonly dealt: readonly number[];
  readonly count: number;
}

const mostVariants = 20;

const deals: fc.Arbitrary<Deal> = fc.record({
  variants: fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), {
    minLength: 1,
    maxLength: mostVariants,
  }),
  formats: fc.subarray(["gz", "xz", "zst"], { minLength: 1 }),
  dealt: fc.array(fc.nat({ max: 6 }), { minLength: mostVariants, maxLength: mostVariants }),
  count: fc.constant(7),
});

const base = {
  image: "a.raw",
  length: 1 << 20,
  sha256: "ab",
  region: { number: 1, offset: 0, length: 4096 },
};

function recordOf(variant: string, format: string): ArtifactRecord {
  const file = `${variant}.raw.${format}`;
  return { variant, identity: file, file, format, length: 100, rawLength: 200, crc64nvme: "" };
}

function manifestOf({ formats }: Deal, variants: readonly string[]): Manifest {
  const stampables = formats.map((format) => ({
    identity: format,
    format,
    engine: "e",
    engineVersion: "1",
    level: 6,
    length: 100,
    stored: [],
  }));
  return {
    manifest: 1,
    generator: "g",
    base,
    stampables: variants.length === 0 ? [] : stampables,
    artifacts: variants.flatMap((variant) => formats.map((format) => recordOf(variant, format))),
  };
}

function shardsOf(deal: Deal): ShardManifest[] {
  const { variants, count, dealt } = deal;
  return Array.from({ length: count }, (_, index) => {
    const own = variants.filter((_variant, at) => dealt[at] === index);
    const { manifest, generator, ...rest } = manifestOf(deal, own);
    const shard = { release: "r", variants };
    return { directory: `shard-${index}`, manifest: { manifest, generator, shard, ...rest } };
  });
}

const orders = fc.infiniteStream(fc.nat());

test("shards in any order come to the whole manifest, byte for byte", () => {
  fc.assert(
    fc.property(deals, orders, (deal, order) => {
      const shards = shardsOf(deal)
        .map((shard) => ({ shard, rank: order.next().value ?? 0 }))
        .toSorted((a, b) => a.rank - b.rank)
        .map(({ shard }) => shard);
      const { manifest, artifacts } = mergeManifests(shards);
      expect(manifestText(manifest)).toBe(manifestText(manifestOf(deal, deal.variants)));
      for (const { directory, record } of artifacts)
        expect(directory).toBe(`shard-${deal.dealt[deal.variants.indexOf(record.variant)]}`);
    }),
  );
});

function code(name: string): object {
  return expect.objectContaining({ code: name });
}

test("a shard that is left out or given twice is refused", () => {
  fc.assert(
    fc.property(deals, fc.nat(), (deal, seed) => {
      const shards = shardsOf(deal);
      const full = shards.filter(({ manifest }) => manifest.artifacts.length > 0);
      const one = full[seed % full.length];
      if (one === undefined) throw new Error("there is a variant, and it is in a shard");
      const others = shards.filter((shard) => shard !== one);
      expect(() => mergeManifests(others)).toThrow(code("COLLECT_MISSING"));
      expect(() => mergeManifests([...shards, one])).toThrow(code("COLLECT_DOUBLE"));
    }),
  );
});

test("a shard of another release is refused", () => {
  fc.assert(
    fc.property(deals, fc.nat(), (deal, seed) => {
      const { variants } = deal;
      const shards = shardsOf(deal);
      const at = seed % shards.length;
      for (const change of [
        { generator: "other" },
        { base: { ...base, sha256: "cd" } },
        { shard: { release: "other", variants } },
        { shard: { release: "r", variants: [...variants, "another one"] } },
        { shard: undefined },
      ]) {
        const own = shards[at];
        if (own === undefined) throw new Error("no shard");
        const changed = shards.with(at, { ...own, manifest: { ...own.manifest, ...change } as Manifest });
        expect(() => mergeManifests(changed)).toThrow(code("COLLECT_MISMATCH"));
      }
    }),
  );
});

function stampOf(variant: string): StampRecord {
  return { variant, file: `${variant}.stamp` } as StampRecord;
}

test("stamps come in the order of the variants, one of each, and one that is missing is missed", () => {
  fc.assert(
    fc.property(deals, (deal) => {
      const shards = shardsOf(deal).map(({ directory, manifest }) => {
        const names = new Set(manifest.artifacts.map(({ variant }) => variant));
        return { directory, manifest: { ...manifest, stamps: [...names].map(stampOf) } };
      });
      const { manifest } = mergeManifests(shards);
      expect(manifest.stamps).toEqual(deal.variants.map(stampOf));
      const without = shards.map(({ directory, manifest: whole }) => ({
        directory,
        manifest: { ...whole, stamps: [] },
      }));
      expect(() => mergeManifests(without)).toThrow(code("COLLECT_MISSING"));
    }),
  );
});
