import { expect, test } from "vitest";
import { layoutWith, mebibyte, placesOf, planOf } from "./layouts.ts";

const facts = { contentLength: () => 5_000_000, storedAlignment: 128 << 10 };

/** Places and notes of a plan, notes with the line that they are about. */
function planned(head: string, ...partitions: readonly string[]): readonly string[] {
  const plan = planOf(layoutWith(head, ...partitions), facts);
  return [...placesOf(plan), ...plan.notes.map(({ position, message }) => `${position.line}: ${message}`)];
}

test("what varies is put last, keeps its number, and is told of what cannot grow then", () => {
  expect(
    planned(
      "",
      "name: esp, type: esp, size: 2MiB",
      "name: boot, size: 4MiB, variable: true",
      "name: root, size: 8MiB",
    ),
  ).toEqual([
    "1 esp 1M+2M",
    "2 boot 11M+4M",
    "3 root 3M+8M",
    '4: "boot" is variable and put behind "root": what has to grow on the first boot needs "grows: true" to stay last',
  ]);
});

test("what grows on the first boot stays behind what varies", () => {
  expect(
    planned(
      "",
      "name: boot, size: 4MiB, variable: true",
      "name: root, size: 8MiB, grows: true",
      "name: data, size: 1MiB",
    ),
  ).toEqual([
    "1 boot 2M+4M",
    "2 root 6M+8M",
    "3 data 1M+1M",
    '3: "boot" is variable and put behind "data": what has to grow on the first boot needs "grows: true" to stay last',
  ]);
});

test("nothing moves where nothing varies", () => {
  expect(planned("", "name: root, size: 8MiB, grows: true", "name: data, size: 1MiB")).toEqual([
    "1 root 1M+8M",
    "2 data 9M+1M",
  ]);
});

test("several that vary lie together", () => {
  const lines = [
    "name: a, type: esp, size: 1MiB, variable: true",
    "name: b, size: 1MiB",
    "name: c, type: xbootldr, size: 1MiB, variable: true",
  ];
  expect(planned("", ...lines).slice(0, 3)).toEqual(["1 a 2M+1M", "2 b 1M+1M", "3 c 3M+1M"]);
});

test.each([
  ["", "name: boot, offset: 1MiB, size: 4MiB, variable: true", "it has an offset of its own", 3],
  ["order: as-written\n", "name: boot, size: 4MiB, variable: true", "the layout's order is as written", 4],
  [
    "table: mbr\n",
    "name: boot, type: 0x0c, size: 4MiB, variable: true",
    "firmware that reads an MBR, such as the Raspberry Pi's, takes the first FAT partition; an offset moves it",
    4,
  ],
])("with %j, %s stays", (head, boot, reason, line) => {
  expect(planned(head, boot, "name: root, size: 8MiB")).toEqual([
    "1 boot 1M+4M",
    "2 root 5M+8M",
    `${line}: "boot" is variable and not put last: ${reason}`,
  ]);
});

test("beside logical partitions nothing moves", () => {
  expect(
    planned(
      "table: mbr\n",
      "name: boot, size: 4MiB, variable: true",
      "name: a, size: 1MiB, logical: true",
    ).at(-1),
  ).toBe('4: "boot" is variable and not put last: there are logical partitions');
});

test("an ext4 boot partition of an MBR may move", () => {
  expect(
    planned(
      "table: mbr\n",
      "name: boot, size: 4MiB, variable: true, bootable: true",
      "name: root, size: 8MiB",
    ).slice(0, 2),
  ).toEqual(["1 boot 9M+4M", "2 root 1M+8M"]);
});

test("what is last already is not spoken of", () => {
  expect(
    planned("order: as-written\n", "name: root, size: 8MiB", "name: boot, size: 4MiB, variable: true"),
  ).toEqual(["1 root 1M+8M", "2 boot 9M+4M"]);
});

test("what varies starts at a stored block, and has its content and reserve", () => {
  const { partitions } = planOf(
    layoutWith(
      "align: 4KiB\n",
      "name: boot, image: boot.img, reserve: 1MiB, variable: true",
      "name: root, size: 8196KiB",
    ),
    facts,
  );
  expect(partitions.map(({ offset, length }) => [offset, length])).toEqual([
    [9 * mebibyte + (128 << 10), 47 * (128 << 10)],
    [mebibyte, 8196 << 10],
  ]);
});

test("an offset that cuts a stored block is told", () => {
  expect(
    planned(
      "align: 4KiB\n",
      "name: root, size: 1MiB",
      "name: boot, offset: 2052KiB, size: 4MiB, variable: true",
    ).at(-1),
  ).toBe(
    '5: "boot" is variable and starts at 2101248, which is no multiple of 128 KiB, the largest stored block: one block more has to be stored',
  );
});
