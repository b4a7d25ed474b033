import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openDigester } from "@bootstamp/stamp";
import { afterAll, expect, test } from "vitest";
import { openPreparedBases, type PreparedBases } from "../../src/build/prepared-bases.ts";
import { workplace } from "../support/workplace.ts";

const digester = openDigester({ threads: 1 });
afterAll(async () => await digester.close());

const wanted = { identity: "0123456789abcdef".repeat(4), extension: ".gz" };
/** Of the ASCII digits: the check value of CRC-64/NVME. */
const check = 0xae8b14860a799888n;

async function kept(): Promise<{ bases: PreparedBases; path: string }> {
  const bases = openPreparedBases(workplace(), digester, new AbortController().signal);
  const path = bases.pathOf(wanted);
  writeFileSync(path, "123456789");
  expect(await bases.find(wanted)).toBeUndefined();
  await bases.keep(wanted, check);
  return { bases, path };
}

test("a base that was kept is found, and copied", async () => {
  const { bases } = await kept();
  expect(await bases.find(wanted)).toBe(check);
  const copy = join(workplace(), "copy.gz");
  expect(await bases.copyTo(copy, wanted)).toBe(check);
  expect(readFileSync(copy, "utf8")).toBe("123456789");
});

test.each<[string, (path: string) => void]>([
  ["changed", (path) => writeFileSync(path, "123456780")],
  ["cut", (path) => writeFileSync(path, "12345678")],
  ["of another version", (path) => rewrite(path, /bootstamp [^"]+/, "bootstamp 0.0.1")],
  ["of another spec", (path) => rewrite(path, /0123456789abcdef"/, 'ffff456789abcdef"')],
  ["said to be another", (path) => rewrite(path, "ae8b", "ae8c")],
  ["without a record", (path) => writeFileSync(`${path}.json`, "null")],
  ["with half a record", (path) => writeFileSync(`${path}.json`, "{")],
])("a base that is %s is neither found nor copied", async (_, spoil) => {
  const { bases, path } = await kept();
  spoil(path);
  expect(await bases.find(wanted)).toBeUndefined();
  expect(await bases.copyTo(join(workplace(), "copy.gz"), wanted)).toBeUndefined();
});

test("there need not be a directory", async () => {
  const nowhere = join(workplace(), "nowhere");
  const bases = openPreparedBases(nowhere, digester, new AbortController().signal);
  expect(await bases.find(wanted)).toBeUndefined();
});

function rewrite(path: string, from: string | RegExp, to: string): void {
  writeFileSync(`${path}.json`, readFileSync(`${path}.json`, "utf8").replace(from, to));
}
