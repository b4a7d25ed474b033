import { composeTable } from "@bootstamp/layout";
import {
  formatLayout,
  layoutOfPlan,
  LayoutPlanError,
  parseLayout,
  type PlanFacts,
  type PlannedLayout,
} from "@bootstamp/layout-plan";
import fc from "fast-check";
import { expect, test } from "vitest";
import { mebibyte, plansOf, refusalOf } from "./layouts.ts";

const facts: PlanFacts = {
  contentLength: (content) => (content.kind === "image" ? content.path.length * 700_001 : undefined),
  storedAlignment: 128 << 10,
};

const kib = (min: number, max: number) => fc.integer({ min, max }).map((count) => `${count * 4}KiB`);
const alignment = fc.constantFrom("4KiB", "64KiB", "1MiB", "4MiB", "12KiB");

const sizes = fc.oneof(
  fc.record({ size: kib(1, 4096) }),
  fc.record({ weight: fc.integer({ min: 0, max: 1_000_000 }) }),
  fc
    .record({ min: kib(1, 2048), max: kib(2048, 20_000) }, { requiredKeys: [] })
    .filter((each) => Object.keys(each).length > 0),
  fc.record({
    image: fc.string({ minLength: 1, maxLength: 6, unit: "grapheme-ascii" }).map((name) => `i${name}`),
    reserve: kib(0, 600),
  }),
);

const partition = fc
  .tuple(
    sizes,
    fc.record(
      {
        align: alignment,
        padding: fc.oneof(
          kib(0, 500),
          fc.record({ min: kib(0, 100), weight: fc.integer({ min: 0, max: 2000 }) }),
        ),
        variable: fc.boolean(),
        grows: fc.boolean(),
        type: fc.constantFrom("esp", "xbootldr", "home", "root-x86-64", "linux-generic", "L"),
        attributes: fc.uniqueArray(fc.integer({ min: 0, max: 63 }), { maxLength: 3 }),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([size, rest]) => Object.assign({}, size, rest));

const head = fc.record(
  {
    size: fc.oneof(
      fc.constant("fit"),
      fc.integer({ min: 8, max: 300 }).map((count) => `${count}MiB`),
    ),
    sectors: fc.constantFrom(512, 4096, [512, 4096]),
    align: alignment,
    seed: fc.string({ minLength: 1, maxLength: 5 }),
    order: fc.constantFrom("variable-last", "as-written"),
  },
  { requiredKeys: [] },
);

interface Written {
  readonly partitions: readonly {
    readonly min?: string;
    readonly max?: string;
    readonly size?: string;
    readonly align?: string;
  }[];
  readonly align?: string;
}

const layouts = fc
  .tuple(head, fc.array(partition, { minLength: 1, maxLength: 7 }))
  .map(([top, partitions]) => Object.assign({ version: 1, partitions }, top));

/** The plans of a layout, none if there is no room for it: any other refusal is one that this test did not ask for. */
function plansOrNoRoom(layout: object): readonly PlannedLayout[] {
  try {
    return plansOf(JSON.stringify(layout), facts);
  } catch (error) {
    if (error instanceof LayoutPlanError && error.complaints.every(({ code }) => code === "PLAN_NO_ROOM"))
      return [];
    throw error;
  }
}

/** A greatest length below one alignment gives way to it; of what varies, to one that is a multiple of a stored block too. */
function boundsOf(
  { size, min, max }: Written["partitions"][number],
  align: number,
): readonly [low: number, high: number] {
  if (size !== undefined) return [bytesOf(size), bytesOf(size)];
  return [bytesOf(min ?? "4KiB"), max === undefined ? Infinity : Math.max(bytesOf(max), align)];
}

const bytesOf = (text: string) => Number.parseInt(text, 10) * (text.endsWith("MiB") ? mebibyte : 1024);

test("partitions lie apart, inside what the table leaves, at their alignments and between their bounds", () => {
  fc.assert(
    fc.property(layouts, (layout) => {
      for (const { table, partitions } of plansOrNoRoom(layout)) {
        expect(table.diskLength % table.sectorLength).toBe(0);
        // refuses what overlaps, is out of range, or is no whole sectors
        composeTable(table);
        const written: Written["partitions"] = layout.partitions;
        for (const { number, offset, length, variable } of partitions) {
          const own = written[number - 1] ?? {};
          const least = own.align ?? (layout as Written).align ?? "1MiB";
          expect(offset % bytesOf(least)).toBe(0);
          expect(variable ? offset % facts.storedAlignment : 0).toBe(0);
          const [low, high] = boundsOf(own, bytesOf(least));
          expect(length).toBeGreaterThanOrEqual(low);
          expect(length).toBeLessThanOrEqual(high);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("a greatest length is kept where no whole alignment lies below it, nor one of what varies", () => {
  const varying = { min: "8068KiB", max: "8192KiB", align: "12KiB", variable: true };
  const odd = { min: "9000B", max: "11000B", align: "8KiB" };
  const [plan] = plansOf(JSON.stringify({ version: 1, partitions: [varying, odd] }), facts);
  expect(plan?.partitions.map(({ length }) => length)).toEqual([8_269_824, 9216]);
});

test("what varies is behind all else but what grows", () => {
  fc.assert(
    fc.property(layouts, (layout) => {
      for (const { partitions } of plansOrNoRoom({ ...layout, order: "variable-last" })) {
        const onDisk = partitions.toSorted((a, b) => a.offset - b.offset);
        const ranks = onDisk.map(({ variable, grows }) => (grows ? 2 : variable ? 1 : 0));
        const anyVaries = onDisk.some(({ variable }) => variable);
        expect(anyVaries ? ranks : []).toEqual(anyVaries ? ranks.toSorted((a, b) => a - b) : []);
      }
    }),
    { numRuns: 150 },
  );
});

test("a plan is the same each time, and so is the plan of the layout that says it in numbers", () => {
  fc.assert(
    fc.property(layouts, (layout) => {
      const plans = plansOrNoRoom(layout);
      expect(plansOrNoRoom(layout)).toEqual(plans);
      for (const planned of plans) {
        const [again] = plansOf(layoutOfPlan(planned), facts);
        expect(again?.table).toEqual(planned.table);
        const [read] = plansOf(parseLayout("written", formatLayout(layoutOfPlan(planned))), facts);
        expect(read?.table).toEqual(planned.table);
        expect(
          read?.partitions.map(({ content, variable, reserve }) => ({ content, variable, reserve })),
        ).toEqual(
          planned.partitions.map(({ content, variable, reserve }) => ({ content, variable, reserve })),
        );
      }
    }),
    { numRuns: 150 },
  );
});

test("weights share the room: each partition within an alignment of its share, for each before it", () => {
  const weights = fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(
      weights,
      fc.integer({ min: 4, max: 4096 }),
      fc.constantFrom(512, 4096),
      (each, size, sector) => {
        const partitions = each.map((weight) => ({ weight, min: sector }));
        const layout = {
          version: 1,
          size: `${size}MiB`,
          sectors: sector,
          align: sector,
          first: "1MiB",
          partitions,
        };
        const [planned] = plansOrNoRoom(layout);
        const usable = planned?.table.kind === "gpt" ? planned.table.usable : undefined;
        const sum = each.reduce((total, weight) => total + weight, 0);
        const lengths = planned?.partitions.map(({ length }) => length) ?? [];
        expect(lengths.reduce((total, length) => total + length, 0)).toBe(usable?.length);
        for (const [index, weight] of each.entries()) {
          const share = Math.max(sector, ((usable?.length ?? 0) * weight) / sum);
          expect(Math.abs((lengths[index] ?? 0) - share)).toBeLessThanOrEqual(sector * each.length);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test("places that are given, and logical partitions, make a whole table or are refused", () => {
  const place = fc.record(
    { offset: fc.integer({ min: 1, max: 40 }).map((count) => `${count}MiB`) },
    { requiredKeys: [] },
  );
  const size = fc.oneof(
    fc.record({ size: kib(1, 2048) }),
    fc.record({ weight: fc.integer({ min: 0, max: 9 }) }),
  );
  const kind = fc.record(
    {
      logical: fc.boolean(),
      type: fc.constantFrom("esp", "extended", "0x83"),
      number: fc.integer({ min: 1, max: 8 }),
    },
    { requiredKeys: [] },
  );
  const mixed = fc.array(
    fc.tuple(size, place, kind).map((parts) => Object.assign({}, ...parts) as object),
    { minLength: 1, maxLength: 7 },
  );
  let made = 0;
  fc.assert(
    fc.property(
      mixed,
      fc.constantFrom("mbr", "gpt"),
      fc.constantFrom("fit", "64MiB"),
      (partitions, table, total) => {
        const layout = JSON.stringify({ version: 1, table, size: total, partitions });
        if (refusalOf(() => plansOf(layout)).length > 0) return;
        made += 1;
        for (const planned of plansOf(layout)) {
          composeTable(planned.table);
          expect(plansOf(layoutOfPlan(planned))[0]?.table).toEqual(planned.table);
        }
      },
    ),
    { numRuns: 800 },
  );
  expect(made).toBeGreaterThan(20);
});

test("damaged layouts are refused with positions, whatever is in them", () => {
  fc.assert(
    fc.property(layouts, fc.nat(), fc.string({ maxLength: 3 }), (layout, place, text) => {
      const json = JSON.stringify(layout);
      const at = place % json.length;
      const damaged = json.slice(0, at) + text + json.slice(at + 2);
      // anything but a refusal with positions is thrown on
      expect(refusalOf(() => plansOf(damaged, facts)).every((line) => line.startsWith("PLAN_"))).toBe(true);
    }),
    { numRuns: 300 },
  );
});
