import type { TableDescription } from "@bootstamp/layout";
import {
  formatLayout,
  layoutOfPlan,
  layoutOfTable,
  parseLayout,
  type PartitionExtras,
} from "@bootstamp/layout-plan";
import { expect, test } from "vitest";
import { layoutWith, mebibyte, planOf, refusalOf } from "./layouts.ts";

const table: TableDescription = {
  kind: "gpt",
  sectorLength: 512,
  diskLength: 64 * mebibyte,
  diskId: "6913f4b6-6690-4a57-a202-f1b53c56dbdf",
  entryCount: 128,
  usable: { offset: 34 * 512, length: 64 * mebibyte - 67 * 512 },
  partitions: [
    {
      number: 1,
      offset: 34 * 512,
      length: 2014 * 512,
      typeId: "21686148-6449-6e6f-744e-656564454649",
      uniqueId: "b2d552b0-45db-4678-b34f-066168609d1a",
      name: "0x10: #1",
      attributes: [],
    },
    {
      number: 7,
      offset: 8 * mebibyte,
      length: 4 * mebibyte,
      typeId: "12345678-6449-6e6f-744e-656564454649",
      uniqueId: "c6384fca-e59b-4b73-a86f-ab8b15536288",
      name: "",
      attributes: [0, 50, 63],
    },
  ],
};

test("the layout of a table is written, read and planned to that table", () => {
  const fileSystem = { name: "fat", label: "", uuid: "7b7795e7" } as const;
  const extras = new Map<number, PartitionExtras>([
    [7, { variable: true, reserve: mebibyte, content: { kind: "directory", path: "esp", fileSystem } }],
  ]);
  const text = formatLayout(layoutOfTable("disk.img", table, extras), "from disk.img");
  expect(text).toBe(`# from disk.img

version: 1
table: gpt
sectors: 512
size: 64MiB
disk-id: 6913f4b6-6690-4a57-a202-f1b53c56dbdf
align: 512
first: 17KiB
partitions:
  - name: "0x10: #1"
    number: 1
    type: bios-boot
    uuid: b2d552b0-45db-4678-b34f-066168609d1a
    offset: 17KiB
    size: 1007KiB
  - number: 7
    type: 12345678-6449-6e6f-744e-656564454649
    uuid: c6384fca-e59b-4b73-a86f-ab8b15536288
    offset: 8MiB
    size: 4MiB
    attributes: [ required, 50, no-auto ]
    variable: true
    reserve: 1MiB
    directory: esp
    file-system: fat
    file-system-label: ""
    file-system-uuid: 7b77-95e7
`);
  const planned = planOf(text);
  expect(planned.table).toEqual(table);
  expect(planned.partitions[1]).toMatchObject({
    variable: true,
    reserve: mebibyte,
    content: { kind: "directory", path: "esp", fileSystem },
  });
});

test("a table that no layout can say is refused, under the name of its image", () => {
  const partitions = table.partitions.map((partition) => ({
    ...partition,
    uniqueId: "c6384fca-e59b-4b73-a86f-ab8b15536288",
  }));
  expect(refusalOf(() => layoutOfTable("disk.img", { ...table, partitions }))).toEqual([
    'PLAN_DUPLICATE disk.img:1:1: the GUID "c6384fca-e59b-4b73-a86f-ab8b15536288" is that of partition 1 ("0x10: #1") in the list too',
  ]);
});

test("what was written is written again, with its spelling", () => {
  const text = layoutWith(
    "table: mbr\ndisk-id: 0x0000abcd\n",
    "name: 'a', type: 0x0C, size: 1M, file-system: fat, file-system-uuid: 12345678",
  );
  const written = formatLayout(parseLayout("layout.yaml", text));
  expect(written).toBe(`version: 1
table: mbr
disk-id: "0x0000abcd"
partitions:
  - name: a
    type: "0x0C"
    size: 1M
    file-system: fat
    file-system-uuid: "12345678"
`);
  expect(planOf(written).table).toEqual(planOf(text).table);
});

test("positions of a plan's own layout are those of the first", () => {
  const planned = planOf(layoutWith("", "name: a, size: 1MiB", "name: b, size: 1MiB"));
  const again = planOf(layoutOfPlan(planned));
  expect(again).toEqual(planned);
  expect(again.partitions.map(({ position }) => position.line)).toEqual([3, 4]);
});
