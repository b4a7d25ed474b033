import { expect, test } from "vitest";
import { layoutWith, placesOf, planOf } from "./layouts.ts";

function planned(...partitions: readonly string[]): readonly string[] {
  return placesOf(planOf(layoutWith("table: mbr\nsize: 64MiB\n", ...partitions)));
}

test("of more than four partitions, the fourth and those behind it are logical", () => {
  expect(planned(..."abcde".split("").map((name) => `name: ${name}, size: 4MiB`))).toEqual([
    "1 a 1M+4M",
    "2 b 5M+4M",
    "3 c 9M+4M",
    "4 13M+10M",
    "5 d 14M+4M",
    "6 e 19M+4M",
  ]);
});

test("logical partitions share what is left, each behind its boot record", () => {
  expect(
    planned("name: a, size: 4MiB", "name: b, logical: true, weight: 2", "name: c, logical: true, weight: 1"),
  ).toEqual(["1 a 1M+4M", "2 5M+59M", "5 b 6M+38M", "6 c 45M+19M"]);
});

test("an extended partition with a size is a partition like any other, with the logical ones in it", () => {
  expect(
    planned(
      "name: x, type: extended, size: 20MiB",
      "name: a, logical: true, size: 4MiB",
      "name: b, logical: true, weight: 1",
      "name: c, logical: false, weight: 1",
    ),
  ).toEqual(["1 x 1M+20M", "2 c 21M+43M", "5 a 2M+4M", "6 b 7M+14M"]);
});

test("an extended partition with an offset alone ends with its last logical partition", () => {
  expect(
    planned("name: x, type: 0x05, offset: 8MiB, number: 3", "name: a, logical: true, size: 4MiB"),
  ).toEqual(["3 x 8M+5M", "5 a 9M+4M"]);
});

test("the table that is described says which partitions are what", () => {
  const { table } = planOf(
    layoutWith("table: mbr\n", "size: 1MiB, bootable: true, type: 0x0c", "size: 1MiB, logical: true"),
  );
  expect(table.partitions).toMatchObject([
    { number: 1, placement: "primary", typeId: "0x0c", bootable: true },
    { number: 2, placement: "extended", typeId: "0x0f", bootable: false },
    { number: 5, placement: "logical", typeId: "0x83", bootable: false },
  ]);
});
