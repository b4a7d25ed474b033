import { importRepart, importSfdisk } from "@bootstamp/layout-plan";
import { expect, test } from "vitest";
import { placesOf, planOf, refusalOf } from "./layouts.ts";

function repart(...settings: readonly string[]): () => unknown {
  return () => importRepart([{ path: "10.conf", text: `[Partition]\n${settings.join("\n")}\n` }]);
}

test.each([
  ["Sizemin=5M", 'unknown key "Sizemin"'],
  ["SizeMinByte=5M", 'unknown key "SizeMinByte", did you mean "SizeMinBytes"?'],
  ["SizeMinBytes=5Q", 'SizeMinBytes= is a size such as 512M, got "5Q"'],
  ["Weight=many", 'Weight= is a whole number, got "many"'],
  ["Encrypt=tpm2", "Encrypt=tpm2 cannot be taken: a layout has no words for it"],
  ["Verity=hash", "Verity=hash cannot be taken"],
  ["MakeDirectories=/usr /home", "MakeDirectories=/usr /home cannot be taken"],
  ["Minimize=best", "Minimize=best cannot be taken"],
  ["Format=btrfs", "Format=btrfs cannot be taken: the file systems that can be made are vfat and ext4"],
  ["CopyBlocks=auto", "CopyBlocks=auto cannot be taken: it depends on the running system"],
  ["CopyFiles=/a:/b", "CopyFiles= can be taken for a whole file system only"],
  ["Label=%H", 'the specifier "%H" in Label= cannot be taken: it depends on the machine'],
  ["UUID=null", "UUID=null cannot be taken"],
  ["Flags=0x1ffffffffffffffff", "Flags= is a number of 64 bits"],
  ["ReadOnly=maybe", 'ReadOnly= is yes or no, got "maybe"'],
  ["NoAuto=yes", "NoAuto= cannot be taken: partitions of this type do not have it"],
  ["nonsense", "an assignment such as Type=esp is expected"],
  ["[Install]", "unknown section [Install]"],
])("%s in a definition is refused, where it stands", (setting, expected) => {
  expect(refusalOf(repart("", setting))).toEqual([
    expect.stringContaining(`PLAN_IMPORT 10.conf:3:1: ${expected}`),
  ]);
});

test("what is wrong with a value that is taken is said where it stands too", () => {
  expect(refusalOf(repart("Type=xbotldr"))).toEqual([
    'PLAN_TYPE_UNKNOWN 10.conf:2:1: unknown partition type "xbotldr", did you mean "xbootldr"?',
  ]);
  expect(refusalOf(repart("SizeMinBytes=5M", "SizeMaxBytes=4M"))).toEqual([
    "PLAN_VALUE 10.conf:3:1: the greatest length of 4194304 bytes is below the least of 5242880",
  ]);
  expect(refusalOf(repart("Weight=2000000"))).toEqual([
    "PLAN_VALUE 10.conf:2:1: expected 1000000 or less, got 2000000",
  ]);
});

test("a drop-in without its definition, and settings before the section, are refused", () => {
  const files = [
    { path: "a.conf", text: "Type=esp\n" },
    { path: "b.conf.d/x.conf", text: "[Partition]\nType=esp\n" },
  ];
  expect(refusalOf(() => importRepart(files))).toEqual([
    "PLAN_IMPORT a.conf:1:1: this assignment stands before the section [Partition]",
    "PLAN_IMPORT b.conf.d/x.conf:1:1: this drop-in adds to a definition that is not there",
  ]);
});

test("contents and flags are taken as repart.d(5) has them; what is not about the image is noted", () => {
  const layout = importRepart(
    [
      {
        path: "a.conf",
        text: "[Partition]\nType=esp\nFormat=vfat\nCopyFiles=/srv/esp:/\nSplitName=-\nFactoryReset=yes\nEncrypt=off\n",
      },
      {
        path: "b.conf",
        text: "[Partition]\nType=home\nCopyFiles=/srv/100%%:/\nFlags=0x1800000000000004\nGrowFileSystem=no\n",
      },
      {
        path: "c.conf",
        text: "[Partition]\nType=root\nCopyBlocks=/srv/root.img\nReadOnly=yes\nSizeMinBytes=1M\n",
      },
      { path: "d.conf", text: "[Partition]\nType=srv\nFormat=ext4\nFormat=\nNoAuto=on\n" },
    ],
    { architecture: "arm64", sectors: [512, 4096] },
  );
  const { partitions, table } = planOf(layout, {
    storedAlignment: 1,
    contentLength: ({ kind }) => (kind === "image" ? 20 << 20 : undefined),
  });
  expect(partitions.map(({ content }) => content)).toMatchObject([
    { kind: "directory", path: "/srv/esp", fileSystem: { name: "fat", label: "ESP" } },
    { kind: "directory", path: "/srv/100%", fileSystem: { name: "ext4", label: "home" } },
    { kind: "image", path: "/srv/root.img" },
    { kind: "nothing" },
  ]);
  expect(table.partitions.map((partition) => "attributes" in partition && partition.attributes)).toEqual([
    [],
    [2],
    [60],
    [59, 63],
  ]);
  expect(partitions.map(({ length }) => length >> 20)).toEqual([10, 10, 20, 10]);
  expect(
    layout.notes.map(({ position, message }) => `${position.file}:${position.line}: ${message}`),
  ).toEqual([
    "a.conf:5: SplitName= says nothing about what is in an image: left out",
    "a.conf:6: FactoryReset= says nothing about what is in an image: left out",
  ]);
});

test.each([
  ["label: sun\n", 'PLAN_IMPORT d:1:8: a partition table of kind gpt or dos is expected, got "sun"'],
  ["unit: cylinders\nlabel: gpt\n", 'PLAN_IMPORT d:1:7: the unit must be sectors, got "cylinders"'],
  [
    "label: gpt\nsector-size: 2048\n",
    'PLAN_IMPORT d:2:14: sectors of 512 or 4096 bytes are expected, got "2048"',
  ],
  ["label: gpt\nlabl-id: 5\n", 'PLAN_IMPORT d:2:1: unknown header "labl-id", did you mean "label-id"?'],
  [
    "label: gpt\n\nx1 : start=2048, sise=5\n",
    'PLAN_IMPORT d:3:18: unknown field "sise", did you mean "size"?',
  ],
  [
    "label: gpt\n\nx1 : start=a, size=5\n",
    'PLAN_IMPORT d:3:12: a number of sectors is expected, or a size such as 10MiB, got "a"',
  ],
  ["label: gpt\n\nx1 : start=5, start=5\n", 'PLAN_IMPORT d:3:15: "start" is there twice'],
  [
    'label: gpt\n\nx1 : start=2048, size=2048, attrs="RequiredPartition Odd"\n',
    'PLAN_IMPORT d:3:54: unknown attribute "Odd"',
  ],
  ["label: gpt\n\nx1 : 2048 5\n", "PLAN_IMPORT d:3:6: a field such as start=2048 is expected"],
  [
    "label: gpt\n\nx1 : start=2048, size=2048, type=ABC\n",
    'PLAN_TYPE_UNKNOWN d:3:34: unknown partition type "ABC"',
  ],
  [
    "label: gpt\nlabel-id: 5\n\nx1 : start=2048, size=2048\n",
    "PLAN_VALUE d:2:11: the disk's id in a table of kind gpt is a GUID",
  ],
  [`label: gpt\n${"x1 : start=1\n".repeat(1100)}`, "PLAN_IMPORT d:1026:1: more than 1024 partitions"],
  [
    `label: gpt\n${"#".repeat(300_000)}`,
    "PLAN_TOO_LARGE d:1:1: a layout has at most 262144 characters, got 300011",
  ],
  ['label: gpt\n\nx1 : start=2048, name="a\n', "PLAN_IMPORT d:3:18: a field such as start=2048 is expected"],
  [`label: gpt\n${"x".repeat(5000)}\n`, "PLAN_IMPORT d:2:1: a line of 5000 characters"],
])("%j is refused as a dump", (text, expected) => {
  expect(refusalOf(() => importSfdisk("d", text))[0]).toContain(expected);
});

test("a script may leave starts, the last size and types to the plan", () => {
  const layout = importSfdisk("d", "# a script\nlabel: dos\r\nsize=4MiB, type=c, bootable\nsize=+, type=L\n");
  expect(placesOf(planOf(layout))).toEqual(["1 1M+4M", "2 5M+1M"]);
});
