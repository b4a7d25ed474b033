import { expect, test } from "vitest";
import { layoutWith, mebibyte, noFacts, placesOf, planOf, plansOf } from "./layouts.ts";

test("a layout of Fedora CoreOS's shape: boot at 129 MiB, all ids as given", () => {
  const planned = planOf(
    layoutWith(
      "size: 10GiB\ndisk-id: 00000000-0000-4000-a000-000000000001\n",
      "name: BIOS-BOOT, type: bios-boot, size: 1MiB",
      "name: EFI-SYSTEM, type: esp, size: 127MiB, file-system: fat, file-system-uuid: 7B77-95E7",
      "name: boot, type: xbootldr, size: 384MiB, uuid: 96D15588-3596-4B3C-ADCA-A2FF7279EA63",
      "name: root, type: root-x86-64, weight: 1000",
    ),
  );
  expect(placesOf(planned)).toEqual([
    "1 BIOS-BOOT 1M+1M",
    "2 EFI-SYSTEM 2M+127M",
    "3 boot 129M+384M",
    "4 root 513M+9726M",
  ]);
  expect(planned.table).toMatchObject({
    kind: "gpt",
    sectorLength: 512,
    diskLength: 10 * 1024 * mebibyte,
    diskId: "00000000-0000-4000-a000-000000000001",
    usable: { offset: mebibyte, length: 10 * 1024 * mebibyte - mebibyte - 33 * 512 },
  });
  expect(planned.table.partitions[2]).toMatchObject({ uniqueId: "96d15588-3596-4b3c-adca-a2ff7279ea63" });
  expect(planned.partitions[1]?.content).toEqual({
    kind: "file-system",
    fileSystem: { name: "fat", label: "EFI-SYSTEM", uuid: "7b7795e7" },
  });
});

test("one file makes an image of each sector length, with the same ids", () => {
  const [small, large] = plansOf(
    layoutWith("sectors: [512, 4096]\nsize: 64MiB\n", "name: a, size: 8MiB", "name: b, weight: 1"),
  );
  expect([small?.table.sectorLength, large?.table.sectorLength]).toEqual([512, 4096]);
  expect(small?.table.diskId).toBe(large?.table.diskId);
  expect(placesOf(small ?? planOf(""))).toEqual(placesOf(large ?? planOf("")));
  expect(large?.table).toMatchObject({ usable: { offset: mebibyte, length: 63 * mebibyte - 5 * 4096 } });
});

test("an image fits its partitions; a GPT's ends at 4 KiB, an MBR's with its last partition", () => {
  expect(planOf(layoutWith("", "size: 3MiB")).table.diskLength).toBe(4 * mebibyte + 20_480);
  expect(planOf(layoutWith("table: mbr\n", "size: 3MiB")).table.diskLength).toBe(4 * mebibyte);
  expect(planOf(layoutWith("", "min: 3MiB, weight: 9")).table.diskLength).toBe(4 * mebibyte + 20_480);
});

test("sizes come from contents, with the reserve, in whole alignments; what varies is put last", () => {
  const facts = { ...noFacts, contentLength: () => 5_000_000 };
  const text = layoutWith(
    "",
    "image: a.img",
    "image: b.img, reserve: 4MiB, variable: true",
    "image: c.img, align: 4KiB",
  );
  expect(placesOf(planOf(text, facts))).toEqual(["1 1M+5M", "2 11M+9M", "3 6M+5001216"]);
});

test("an offset is kept, and what follows starts behind all that came before", () => {
  const text = layoutWith(
    "",
    "name: a, offset: 40MiB, size: 2MiB",
    "name: b, offset: 8MiB, size: 1MiB",
    "name: c, size: 1MiB",
  );
  expect(placesOf(planOf(text))).toEqual(["1 a 40M+2M", "2 b 8M+1M", "3 c 42M+1M"]);
});

test("what is left before an offset is shared out, and what is left behind it too", () => {
  const text = layoutWith(
    "size: 101MiB\n",
    "name: a, weight: 1",
    "name: b, weight: 2, max: 10MiB",
    "name: c, offset: 40MiB, size: 10MiB, padding: 5MiB",
    "name: d, weight: 3",
    "name: e, weight: 1, padding: { weight: 1 }",
  );
  expect(placesOf(planOf(text))).toEqual([
    "1 a 1M+29M",
    "2 b 30M+10M",
    "3 c 40M+10M",
    "4 d 55M+27M",
    "5 e 82M+9M",
  ]);
});

test("alignments may differ: the room that they cost is not shared out", () => {
  const text = layoutWith(
    "size: 65MiB\n",
    "name: a, weight: 1, align: 4KiB",
    "name: b, weight: 1, align: 8MiB",
    "name: c, weight: 1, align: 4KiB",
  );
  const [a, b, c] = planOf(text).partitions;
  expect([b?.offset, (b?.offset ?? 0) % (8 * mebibyte)]).toEqual([24 * mebibyte, 0]);
  expect([a?.offset, b?.length]).toEqual([mebibyte, 16 * mebibyte]);
  expect(mebibyte + (a?.length ?? 0)).toBeGreaterThan(16 * mebibyte);
  expect((c?.offset ?? 0) + (c?.length ?? 0)).toBe(65 * mebibyte - 20_480);
});

test("numbers are those given, then the lowest free", () => {
  const text = layoutWith("", "name: a, size: 1MiB, number: 2", "name: b, size: 1MiB", "name: c, size: 1MiB");
  expect(placesOf(planOf(text))).toEqual(["1 b 2M+1M", "2 a 1M+1M", "3 c 3M+1M"]);
});

test("partitions of the highest priority number are left out where there is no room", () => {
  const head = "size: 32MiB\n";
  const lines = [
    "name: a, size: 8MiB",
    "name: b, size: 30MiB, priority: 5",
    "name: c, size: 8MiB, priority: 1",
  ];
  const planned = planOf(layoutWith(head, ...lines));
  expect(placesOf(planned)).toEqual(["1 a 1M+8M", "2 c 9M+8M"]);
  expect(planned.notes).toEqual([
    {
      position: { file: "layout.yaml", line: 5, column: 39 },
      message: '"b" is left out: there is no room for it, and its priority is 5',
    },
  ]);
});

test("attributes are bits, by name or number, and bootable is one of them", () => {
  const { table } = planOf(
    layoutWith("", "size: 1MiB, attributes: [read-only, 50, required], bootable: true"),
  );
  expect(table.partitions[0]).toMatchObject({ attributes: [0, 2, 50, 60] });
});

test.each([
  ["gpt", "esp", "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"],
  ["gpt", "U", "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"],
  ["gpt", "L", "0fc63daf-8483-4772-8e79-3d69d8477de4"],
  ["gpt", "bios-boot", "21686148-6449-6e6f-744e-656564454649"],
  ["gpt", "21686148-6449-6E6F-744E-656564454649", "21686148-6449-6e6f-744e-656564454649"],
  ["gpt\narchitecture: arm64", "root", "b921b045-1df0-41c3-af44-4c6f280d3fae"],
  ["gpt\narchitecture: x86-64", "usr-verity", "77ff5f63-e7b6-4633-acf4-1565b864c0e6"],
  ["mbr", "0x0c", "0x0c"],
  ["mbr", "0xC", "0x0c"],
  ["mbr", "83", "0x83"],
  ["mbr", "0c", "0x0c"],
  ["mbr", "esp", "0xef"],
  ["mbr", "S", "0x82"],
])("in a table of kind %s, %s is %s", (table, type, typeId) => {
  const text = layoutWith(`table: ${table}\n`, `size: 1MiB, type: ${type}`);
  expect(planOf(text).table.partitions[0]?.typeId).toBe(typeId);
});
