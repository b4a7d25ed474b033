import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { identityOf } from "../../src/build/identity.ts";
import { base64OfCrc64, checksumsText, type ArtifactRecord } from "../../src/build/manifest.ts";

test("sha256sum accepts SHA256SUMS, odd names included", () => {
  const directory = mkdtempSync(join(tmpdir(), "bootstamp-sums-"));
  const record = (file: string): ArtifactRecord => {
    writeFileSync(join(directory, file), file);
    const sha256 = createHash("sha256").update(file).digest("hex");
    return {
      variant: "v",
      identity: "i",
      file,
      format: "gz",
      length: 1,
      sha256,
      rawLength: 1,
      crc64nvme: "",
    };
  };
  writeFileSync(
    join(directory, "SHA256SUMS"),
    checksumsText(["a.gz", "b c\\d.gz", "e\nf.gz", "ü.gz"].map(record)),
  );
  expect(
    execFileSync("sha256sum", ["--check", "--strict", "SHA256SUMS"], { cwd: directory, encoding: "utf8" }),
  ).toContain("ü.gz: OK");
});

test("an identity does not depend on the order of keys", () => {
  expect(identityOf({ a: 1, b: { c: [1, 2], d: 2 } })).toBe(identityOf({ b: { d: 2, c: [1, 2] }, a: 1 }));
  expect(identityOf({ a: 1 })).not.toBe(identityOf({ a: 2 }));
});

test("CRC-64/NVME is written as S3 writes it", () => {
  expect(base64OfCrc64(0xae8b14860a799888n)).toBe("rosUhgp5mIg=");
});
