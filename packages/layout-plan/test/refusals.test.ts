import { parseLayout, planLayout } from "@bootstamp/layout-plan";
import { expect, test } from "vitest";
import { layoutWith, noFacts, planOf, refusalOf } from "./layouts.ts";

test("all that is wrong with keys and values is said at once, each in its place", () => {
  const text = `version: 2
tabel: gpt
sectors: 1024
size: 10MB
align: 0
entries: 5000
order: last
partitions:
  - { nmae: boot, size: 1.5KiB, weight: -1 }
  - { size: 0.3K, attributes: [readonly, 64], image: "" }
  - { padding: { mim: 1 }, variable: yes, uuid: 1-2 }
`;
  expect(refusalOf(() => parseLayout("layout.yaml", text))).toEqual([
    "PLAN_VALUE layout.yaml:1:10: expected 1, got 2",
    'PLAN_UNKNOWN_KEY layout.yaml:2:1: unknown key "tabel", did you mean "table"?',
    "PLAN_VALUE layout.yaml:3:10: expected 512 or 4096, got 1024",
    'PLAN_VALUE layout.yaml:4:7: expected a length such as "384MiB", "10G" or 1048576 (bytes)',
    "PLAN_VALUE layout.yaml:5:8: 0 bytes are no length here",
    "PLAN_VALUE layout.yaml:6:10: expected 1024 or less, got 5000",
    'PLAN_VALUE layout.yaml:7:8: expected variable-last or as-written, got "last"',
    'PLAN_UNKNOWN_KEY layout.yaml:9:7: unknown key "nmae", did you mean "name"?',
    "PLAN_VALUE layout.yaml:9:41: expected 0 or more, got -1",
    "PLAN_VALUE layout.yaml:10:13: a length is a whole number of bytes, at most 1 PiB",
    'PLAN_VALUE layout.yaml:10:32: unknown value "readonly", did you mean "read-only"?',
    "PLAN_VALUE layout.yaml:10:42: expected 63 or less, got 64",
    "PLAN_VALUE layout.yaml:10:54: a path is needed",
    'PLAN_UNKNOWN_KEY layout.yaml:11:18: unknown key "mim", did you mean "min"?',
    'PLAN_VALUE layout.yaml:11:38: expected true or false, got "yes"',
    "PLAN_VALUE layout.yaml:11:49: a GUID such as 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0 is expected",
  ]);
});

/** What a layout with these partitions is refused with, read or planned, without the file's name. */
function refused(head: string, ...partitions: readonly string[]): readonly string[] {
  const text = layoutWith(head, ...partitions);
  return refusalOf(() => planOf(text)).map((line) => line.replace("layout.yaml:", ""));
}

test.each([
  [
    "",
    ["size: 1MiB, weight: 5"],
    'PLAN_VALUE 3:27: "size", "weight": only one can be; a partition without "size" shares what is left',
  ],
  [
    "",
    ["min: 5M, max: 4M"],
    "PLAN_VALUE 3:21: the greatest length of 4194304 bytes is below the least of 5242880",
  ],
  [
    "",
    ["min: 5M, padding: { min: 2, max: 1 }"],
    "PLAN_VALUE 3:25: the greatest padding of 1 bytes is below the least of 2",
  ],
  [
    "",
    ["name: a"],
    'PLAN_SIZE_UNKNOWN 3:5: "a" needs a "size", or a "min" or "weight" to share what is left: it has no content to take it from',
  ],
  [
    "",
    ["image: a.img"],
    'PLAN_SIZE_UNKNOWN 3:5: partition 1 in the list needs a "size", or a "min" or "weight" to share what is left: the length of its content is not known',
  ],
  [
    "",
    ["size: 1M, type: xbotldr"],
    'PLAN_TYPE_UNKNOWN 3:23: unknown partition type "xbotldr", did you mean "xbootldr"?',
  ],
  [
    "",
    ["size: 1M, type: 0x0c"],
    expect.stringMatching(
      /^PLAN_TYPE_UNKNOWN 3:23: unknown partition type "0x0c" in a table of kind gpt: expected a GUID, or a name such as esp/,
    ),
  ],
  [
    "table: mbr\n",
    ["size: 1M, type: bios-boot"],
    expect.stringMatching(/^PLAN_TYPE_UNKNOWN 4:23: .*an id such as 0x0c/),
  ],
  [
    "",
    ["size: 1M, type: root"],
    expect.stringMatching(
      /^PLAN_TYPE_UNKNOWN 3:23: which "root" is meant depends on the architecture: write root-x86-64 /,
    ),
  ],
  [
    "",
    ["size: 1M, name: a", "size: 1M, name: a"],
    'PLAN_DUPLICATE 4:23: the name "a" is that of partition 1 ("a") in the list too',
  ],
  [
    "",
    ["size: 1M, number: 2", "size: 1M, number: 2"],
    "PLAN_DUPLICATE 4:25: the number 2 is that of partition 1 in the list too",
  ],
  [
    "",
    [
      "size: 1M, uuid: 0F1E2D3C-4b5a-6978-8796-a5b4c3d2e1f0",
      "size: 1M, uuid: 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
    ],
    'PLAN_DUPLICATE 4:23: the GUID "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0" is that of partition 1 in the list too',
  ],
  [
    "",
    ["size: 1M, file-system: fat, file-system-label: A", "size: 1M, file-system: fat, file-system-label: A"],
    'PLAN_DUPLICATE 4:54: the label "A" is that of partition 1 in the list too',
  ],
  [
    "",
    [`size: 1M, name: ${"x".repeat(37)}`],
    expect.stringMatching(/^PLAN_VALUE 3:23: a name has at most 36 UTF-16 units, "x+" has 37$/),
  ],
  ["", [`size: 1M, name: ${"🥾".repeat(19)}`], expect.stringMatching(/ has 38$/)],
  [
    "",
    ["size: 1M, uuid: 00000000-0000-0000-0000-000000000000"],
    "PLAN_VALUE 3:23: the GUID of a partition cannot be all zero",
  ],
  [
    "disk-id: 1234\n",
    ["size: 1M"],
    `PLAN_VALUE 2:10: the disk's id in a table of kind gpt is a GUID, got "1234"`,
  ],
  [
    "table: mbr\ndisk-id: 0x1234\n",
    ["size: 1M"],
    `PLAN_VALUE 3:10: the disk's id in a table of kind mbr is a signature of eight hexadecimal digits such as 0x1234abcd, got "0x1234"`,
  ],
  ["", ["size: 1M, logical: true"], "PLAN_VALUE 3:26: a GPT has no logical partitions"],
  [
    "entries: 2\n",
    ["size: 1M", "size: 1M", "size: 1M"],
    "PLAN_TABLE_LIMIT 6:5: the table has room for 2 partitions",
  ],
  [
    "entries: 2\n",
    ["size: 1M, number: 3"],
    "PLAN_TABLE_LIMIT 4:25: the table has room for 2 partitions, there is no number 3",
  ],
  [
    "",
    ["size: 1000"],
    "PLAN_NOT_WHOLE_SECTORS 3:13: a size of 1000 bytes is not a multiple of the sectors of 512 bytes",
  ],
  [
    "sectors: [512, 4096]\n",
    ["size: 1536"],
    "PLAN_NOT_WHOLE_SECTORS 4:13: a size of 1536 bytes is not a multiple of the sectors of 4096 bytes",
  ],
  [
    "size: 10000000\n",
    ["size: 1M"],
    "PLAN_NOT_WHOLE_SECTORS 2:7: an image of 10000000 bytes is not a multiple of the sectors of 512 bytes",
  ],
  [
    "",
    ["size: 1M, offset: 1100K"],
    'PLAN_VALUE 3:25: an offset of 1126400 bytes is not a multiple of its alignment of 1048576: give the partition an "align" of its own',
  ],
  [
    "",
    ["size: 2M, offset: 1M, name: a", "size: 1M, offset: 2M"],
    'PLAN_OVERLAP 4:25: partition 2 in the list (bytes 2097152 to 3145728) overlaps "a" (bytes 1048576 to 3145728)',
  ],
  [
    "",
    ["size: 9M, offset: 1M, name: a", "size: 1M, offset: 2M", "size: 1M, offset: 4M"],
    'PLAN_OVERLAP 4:25: partition 2 in the list (bytes 2097152 to 3145728) overlaps "a" (bytes 1048576 to 10485760)',
  ],
  [
    "align: 512\n",
    ["size: 1M, offset: 1K"],
    "PLAN_OVERLAP 4:25: partition 1 in the list starts at 1024 and overlaps the partition table, which has the first 17408 bytes",
  ],
  [
    "align: 512\nfirst: 1M\n",
    ["size: 1M, offset: 20K"],
    'PLAN_OUT_OF_RANGE 5:25: partition 1 in the list starts at 20480, before the "first" byte that partitions may use, 1048576',
  ],
  [
    "size: 8M\n",
    ["size: 1M, offset: 100M"],
    expect.stringMatching(
      /^PLAN_OUT_OF_RANGE 4:25: partition 1 in the list ends at 105906176, 97534464 bytes behind /,
    ),
  ],
  [
    "size: 8M\n",
    ["size: 5M, name: a", "size: 3M, name: b"],
    'PLAN_NO_ROOM 5:5: there is no room for "b" at its place: 1065472 bytes are missing',
  ],
  [
    "size: 8M\n",
    ["size: 5M, name: a", "min: 2M, name: b"],
    'PLAN_NO_ROOM 5:5: there is no room for "b" at its place: 16896 bytes are missing',
  ],
  [
    "",
    ["size: 5M, name: a", "size: 1M, offset: 4M, name: b"],
    'PLAN_NO_ROOM 3:5: there is no room for "a" before "b": 2 MiB are missing',
  ],
  [
    "table: mbr\n",
    ["size: 3T"],
    "PLAN_TABLE_LIMIT 4:5: partition 1 in the list ends at 3298535931904: an MBR with sectors of 512 bytes reaches 2 TiB, take a GPT",
  ],
  [
    "table: mbr\n",
    ["size: 1M, uuid: 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"],
    "PLAN_VALUE 4:23: partitions of an MBR have no GUIDs",
  ],
  [
    "table: mbr\n",
    ["size: 1M, attributes: [read-only]"],
    "PLAN_VALUE 4:29: partitions of an MBR have no attributes but bootable",
  ],
  [
    "table: mbr\n",
    ["size: 1M, type: 0x0f, variable: true"],
    expect.stringMatching(/^PLAN_VALUE 4:39: an extended partition has no content/),
  ],
  [
    "table: mbr\n",
    ["size: 1M, type: extended", "size: 1M, type: 0x0f"],
    "PLAN_TABLE_LIMIT 5:5: an MBR has one extended partition at most",
  ],
  ["table: mbr\n", ["type: extended"], expect.stringMatching(/^PLAN_SIZE_UNKNOWN 4:5/)],
  [
    "table: mbr\n",
    ["size: 1M, number: 5, logical: false"],
    "PLAN_TABLE_LIMIT 4:25: primary partitions of an MBR have numbers 1 to 4, got 5",
  ],
  [
    "table: mbr\n",
    Array.from({ length: 5 }, () => "size: 1M, logical: false"),
    expect.stringMatching(/^PLAN_TABLE_LIMIT 8:5: an MBR has 4 primary partitions at most/),
  ],
  [
    "table: mbr\n",
    ["size: 1M, logical: true", "size: 1M", "size: 1M, logical: true"],
    "PLAN_VALUE 6:26: logical partitions stand one behind the other, with no primary one between them",
  ],
  [
    "table: mbr\n",
    ["size: 2M, type: extended", "size: 2M, logical: true"],
    expect.stringMatching(/^PLAN_NO_ROOM 5:5/),
  ],
  [
    "table: mbr\nalign: 512\n",
    [
      "offset: 1M, size: 9M, type: extended",
      "offset: 2M, size: 1M, logical: true",
      "offset: 3M, size: 1M, logical: true",
    ],
    "PLAN_OVERLAP 7:15: partition 3 in the list (bytes 3145728 to 4194304) follows partition 2 in the list (bytes 2097152 to 3145728) and leaves no room for its boot record",
  ],
  [
    "",
    ["size: 1M, image: a, file-system: fat"],
    expect.stringMatching(/^PLAN_VALUE 3:40: "image", "file-system": only one can be/),
  ],
  ["", ["size: 1M, directory: a"], 'PLAN_MISSING_KEY 3:28: "directory" needs a "file-system": fat or ext4'],
  [
    "",
    ["size: 1M, file-system: fat, file-system-label: boot"],
    expect.stringMatching(/^PLAN_VALUE 3:54: a label of FAT is made of capital letters/),
  ],
  [
    "",
    ["size: 1M, file-system: ext4, file-system-label: aaaaaaaaaaaaaaaaa"],
    expect.stringMatching(/at most 16 bytes, "a+" has 17$/),
  ],
  [
    "",
    ["size: 1M, file-system: fat, file-system-uuid: 123"],
    'PLAN_VALUE 3:53: expected eight hexadecimal digits such as "7B77-95E7", got "123"',
  ],
])("%j with %j is refused", (head, partitions, expected) => {
  expect(refused(head, ...partitions)[0]).toEqual(expected);
});

test("a content that does not fit is refused with the bytes that are missing", () => {
  const text = layoutWith(
    "",
    "name: a, size: 4MiB, image: a.img, reserve: 1MiB",
    "name: b, max: 3MiB, directory: b, file-system: ext4",
  );
  const facts = { ...noFacts, contentLength: () => 4_000_000 };
  expect(refusalOf(() => planLayout(parseLayout("l", text), facts))).toEqual([
    'PLAN_CONTENT_TOO_LARGE l:3:22: the content of "a" needs 5048576 bytes with the reserve of 1 MiB, 4 MiB are 854272 bytes too few',
    'PLAN_CONTENT_TOO_LARGE l:4:21: the content of "b" needs 4000000 bytes, 3 MiB are 854272 bytes too few',
  ]);
});

test.each([
  ["", "PLAN_SYNTAX l:1:1: the layout is empty"],
  ["version: 1\npartitions: []\n", "PLAN_VALUE l:2:13: a layout needs a partition"],
  ["- 5", "PLAN_VALUE l:1:1: expected a map, got a list"],
  ["a: &a [*a]\n", "PLAN_TOO_LARGE l:1:7: nested more than 64 levels deep, or an alias to what encloses it"],
  ["a: !!binary aaaa\n", "PLAN_SYNTAX l:1:13: the tag tag:yaml.org,2002:binary is not used in a layout"],
])("the text %j is refused", (text, expected) => {
  expect(refusalOf(() => parseLayout("l", text))[0]).toBe(expected);
});
