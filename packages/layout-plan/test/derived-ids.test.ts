import { expect, test } from "vitest";
import { layoutWith, planOf } from "./layouts.ts";

const seed = "seed: 01234567-89ab-cdef-0123-456789abcdef\n";

test("ids are derived from the seed as systemd-repart derives them", () => {
  const { table, partitions } = planOf(
    layoutWith(
      seed,
      "name: a, type: esp, size: 1MiB",
      "name: b, type: home, size: 1MiB",
      "name: esp-2, type: esp, size: 1MiB, file-system: ext4",
    ),
  );
  // made by systemd-repart 252 with --seed=0123456789abcdef0123456789abcdef
  expect(table.diskId).toBe("6913f4b6-6690-4a57-a202-f1b53c56dbdf");
  expect(table.partitions.map((partition) => "uniqueId" in partition && partition.uniqueId)).toEqual([
    "b2d552b0-45db-4678-b34f-066168609d1a",
    "c6384fca-e59b-4b73-a86f-ab8b15536288",
    "43c2f88e-26f5-41f6-8498-e99705c33833",
  ]);
  expect(partitions[2]?.content).toMatchObject({
    fileSystem: { label: "esp-2", uuid: "006ec27c-5f2e-43c3-89a8-3a13454d69c7" },
  });
});

function idOf(...lines: readonly string[]): string {
  return planOf(layoutWith("", ...lines)).table.diskId;
}

test("without a seed, names and types decide, and sizes do not", () => {
  expect(idOf("name: a, size: 1MiB")).toBe(idOf("name: a, size: 2MiB"));
  expect(idOf("name: a, size: 1MiB")).not.toBe(idOf("name: b, size: 1MiB"));
  expect(idOf("name: a, size: 1MiB")).not.toBe(idOf("name: a, type: esp, size: 1MiB"));
});

test("a seed may be any text", () => {
  const ids = ["seed: a\n", "seed: b\n", ""].map(
    (head) => planOf(layoutWith(head, "size: 1MiB")).table.diskId,
  );
  expect(new Set(ids).size).toBe(3);
});

test("an MBR gets a signature, and file systems in it ids of their own", () => {
  const { table, partitions } = planOf(
    layoutWith(
      `table: mbr\n${seed}`,
      "type: 0x0c, size: 1MiB, file-system: fat",
      "type: 0x0c, size: 1MiB, file-system: fat",
      "type: 0x83, size: 1MiB, file-system: ext4",
    ),
  );
  expect(table.diskId).toBe("0x6913f4b6");
  const ids = partitions.map(({ content }) => "fileSystem" in content && content.fileSystem.uuid);
  expect(ids[0]).toMatch(/^[0-9a-f]{8}$/);
  expect(ids[2]).toMatch(/^[0-9a-f-]{36}$/);
  expect(new Set(ids).size).toBe(3);
});
