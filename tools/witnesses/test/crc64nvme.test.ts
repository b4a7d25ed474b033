import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc64nvmeByGo, requires } from "@bootstamp/witnesses";
import { expect, test } from "vitest";

test("CRC-64/NVME is that of its check value", requires("go"), async () => {
  const path = join(mkdtempSync(join(tmpdir(), "crc64nvme-")), "file");
  writeFileSync(path, "123456789");
  expect(await crc64nvmeByGo(path)).toBe("ae8b14860a799888");
});
