import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  deriveDiskSignature,
  deriveId,
  derivePartitionIds,
  partitionTypeId,
  seedOf,
  type LayoutError,
} from "@bootstamp/layout";
import { requires, run } from "@bootstamp/witnesses";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readTableOf, withImage } from "./partition-tools.ts";

const seed = "00112233-4455-6677-8899-aabbccddeeff";
const esp = partitionTypeId("gpt", "esp");
const linux = partitionTypeId("gpt", "linux-generic");

test("ids stay as they are for good", () => {
  expect(deriveId(seed, "disk-uuid")).toBe("cb0e21c2-5b52-46e4-a3d3-f2d2819576b9");
  expect(derivePartitionIds(seed, [esp, linux, linux])).toEqual([
    "8bcdd80d-53bf-4734-8892-c686c6679aca",
    "0be9d841-f88e-4224-8d1f-5c7215e1961f",
    "d363b346-12fd-4774-8db3-56f74f451cd8",
  ]);
  expect(deriveDiskSignature(seed)).toBe("0xcb0e21c2");
  expect(seedOf("layout")).toBe("1dc5ae5b-6817-4891-b6aa-9850aa05ee0d");
});

test("ids are GUIDs of version 4, and differ by seed, token and position", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      const seeds = [seedOf(one), seedOf(other)];
      const [base = ""] = seeds;
      const ids = [...seeds, deriveId(base, one), ...derivePartitionIds(base, [esp, linux, linux, esp])];
      for (const id of ids)
        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(new Set(ids).size).toBe(one === other ? ids.length - 1 : ids.length);
      expect(deriveId(base, one) === deriveId(base, other)).toBe(one === other);
    }),
  );
});

test("what is no GUID is no seed", () => {
  const expected = expect.objectContaining<Partial<LayoutError>>({ code: "LAYOUT_ID_INVALID" });
  expect(() => deriveId("seed", "x")).toThrow(expected);
  expect(() => derivePartitionIds(seed, ["esp"])).toThrow(expected);
});

test("systemd-repart derives the same ids", requires("systemd-repart"), async () => {
  const types = ["esp", "linux-generic", "xbootldr", "linux-generic", "linux-generic"];
  await withImage(128 << 20, async (path) => {
    const definitions = join(dirname(path), "repart.d");
    mkdirSync(definitions);
    for (const [index, type] of types.entries()) {
      writeFileSync(join(definitions, `${index}.conf`), `[Partition]\nType=${type}\nSizeMinBytes=10M\n`);
    }
    await run("systemd-repart", [
      `--definitions=${definitions}`,
      `--seed=${seed}`,
      "--empty=force",
      "--dry-run=no",
      path,
    ]);
    const table = await readTableOf(path);
    expect(table.diskId).toBe(deriveId(seed, "disk-uuid"));
    const typeIds = types.map((type) => partitionTypeId("gpt", type));
    expect(table.partitions.map(({ typeId }) => typeId)).toEqual(typeIds);
    expect(table.partitions.map(({ uniqueId }) => uniqueId)).toEqual(derivePartitionIds(seed, typeIds));
  });
});
