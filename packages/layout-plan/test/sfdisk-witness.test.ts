import { formatLayout, importSfdisk, parseLayout } from "@bootstamp/layout-plan";
import { requires, runBytes } from "@bootstamp/witnesses";
import { expect, test } from "vitest";
import { layoutWith, mebibyte, planOf } from "./layouts.ts";
import { partitionedBySfdisk, seenBySfdisk, seenPlan } from "./partition-tools.ts";

async function dumpOf(path: string): Promise<string> {
  return (await runBytes("sfdisk", ["--dump", path])).toString("utf8");
}

test.each([
  [
    "a GPT with names, attributes and a small table",
    200,
    200,
    String.raw`label: gpt
table-length: 64
size=10M, name="a\x22b\x24 grö\x60c", attrs="RequiredPartition LegacyBIOSBootable GUID:60,63", type=U
start=100M, size=3M, type=L, name="a,b = \x5c"
size=5M, type=0657fd6d-a4ab-43c4-84e5-0933c84b4f4f
`,
  ],
  [
    "a GPT without names",
    64,
    64,
    "label: gpt\nfirst-lba: 34\nstart=34, size=2014, type=21686148-6449-6E6F-744E-656564454649\n;\n",
  ],
  ["an MBR", 64, 21, "label: dos\nlabel-id: 0x12345678\nsize=10M, type=c, bootable\nsize=10M, type=83\n"],
  [
    "an MBR with logical partitions out of order",
    200,
    200,
    "label: dos\nlabel-id: 0xabcdef01\nsize=10M, type=c\nsize=10M\nsize=10M\ntype=5\nsize=8M\nsize=8M, start=100M\nsize=5M\n",
  ],
])(
  "the dump of %s is a layout, whose plan is that table",
  requires("sfdisk"),
  async (_, length, plannedLength, script) => {
    const made = await partitionedBySfdisk(length * mebibyte, script);
    const layout = importSfdisk("disk.dump", await dumpOf(made));
    const planned = planOf(layout);
    const seen = await seenBySfdisk(made);
    expect(seenPlan(planned.table)).toEqual(seen);
    expect(planned.table.diskLength).toBe(plannedLength * mebibyte);
    const again = planOf(parseLayout("written.yaml", formatLayout(layout)));
    expect(again.table).toEqual(planned.table);
    expect(again.notes).toEqual([]);
  },
);

test("a layout of Fedora CoreOS's shape is planned as sfdisk places it", requires("sfdisk"), async () => {
  const ids = [1, 2, 3, 4, 5].map((number) => `00000000-0000-4000-a000-00000000000${number}`);
  const made = await partitionedBySfdisk(
    10 * 1024 * mebibyte,
    `label: gpt
label-id: ${ids[0]}
name=BIOS-BOOT, size=1MiB, type=21686148-6449-6E6F-744E-656564454649, uuid=${ids[1]}
name=EFI-SYSTEM, size=127MiB, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, uuid=${ids[2]}
name=boot, size=384MiB, type=BC13C2FF-59E6-4262-A352-B275FD6F7172, uuid=${ids[3]}
name=root, size=9726MiB, type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709, uuid=${ids[4]}
`,
  );
  const planned = planOf(
    layoutWith(
      `size: 10GiB\ndisk-id: ${ids[0]}\n`,
      `name: BIOS-BOOT, type: bios-boot, size: 1MiB, uuid: ${ids[1]}`,
      `name: EFI-SYSTEM, type: esp, size: 127MiB, uuid: ${ids[2]}`,
      `name: boot, type: xbootldr, size: 384MiB, uuid: ${ids[3]}, variable: true`,
      `name: root, type: root-x86-64, weight: 1, uuid: ${ids[4]}, grows: true`,
    ),
    { contentLength: () => undefined, storedAlignment: 128 << 10 },
  );
  expect(seenPlan(planned.table)).toEqual(await seenBySfdisk(made));
  expect(planned.notes).toEqual([]);
});

test("logical partitions that nobody placed are where sfdisk puts them", requires("sfdisk"), async () => {
  const made = await partitionedBySfdisk(
    64 * mebibyte,
    "label: dos\nlabel-id: 0x01020304\nsize=4M\nsize=4M\nsize=4M\ntype=f, size=19M\nsize=8M\nsize=9M\n",
  );
  const sizes = [4, 4, 4, 8, 9].map((size) => `size: ${size}MiB`);
  const planned = planOf(layoutWith('table: mbr\nsize: 64MiB\ndisk-id: "0x01020304"\n', ...sizes));
  expect(seenPlan(planned.table)).toEqual(await seenBySfdisk(made));
});
