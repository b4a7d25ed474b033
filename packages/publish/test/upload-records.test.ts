import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { uploadRecordsIn } from "@bootstamp/publish";
import { afterEach, beforeEach, expect, test } from "vitest";

const record = { uploadId: "u", identity: "i", length: 5 };
let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bootstamp-records-"));
  path = join(folder, "uploads.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

test("remembers and forgets", async () => {
  await uploadRecordsIn(path).set("s3://a/b", record);
  await uploadRecordsIn(path).set("s3://a/c", record);
  expect(await uploadRecordsIn(path).get("s3://a/b")).toEqual(record);
  await uploadRecordsIn(path).set("s3://a/b", undefined);
  expect(await uploadRecordsIn(path).get("s3://a/b")).toBeUndefined();
  expect(await uploadRecordsIn(path).get("s3://a/c")).toEqual(record);
});

test.each(["", "null", "[1]", '{"s3://a/b": {"uploadId": 5}}', "{"])(
  "takes %s for no record",
  async (text) => {
    writeFileSync(path, text);
    expect(await uploadRecordsIn(path).get("s3://a/b")).toBeUndefined();
  },
);
