import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runCommandLine } from "bootstamp";
import { buildImage } from "@bootstamp/test-images";
import { openPatchable } from "../src/sample-patch.ts";
import { stampContenders } from "../src/stamp-race.ts";

const folder = mkdtempSync(join(tmpdir(), "bootstamp-bench-race-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("by hand and by stampFile comes out the same file, other than the stampable one", async () => {
  const { path } = await buildImage("tiny");
  const stampable = join(folder, "tiny.gz");
  const silent = { writeOut: () => undefined, writeErr: () => undefined };
  const terminal = { ...silent, live: false, columns: 80, colour: false, unicode: false };
  const surroundings = { terminal, environment: {}, signal: new AbortController().signal };
  expect(await runCommandLine(["prepare", path, "-o", stampable], surroundings)).toBe(0);

  const patchable = await openPatchable(stampable);
  const made: Buffer[] = [];
  for (const { measure } of Object.values(stampContenders(patchable, folder, false))) {
    await measure();
    made.push(readFileSync(join(folder, "variant.gz")));
  }
  patchable.source.close();
  const [first] = made;
  expect(made).toHaveLength(4);
  expect(first?.equals(readFileSync(stampable))).toBe(false);
  for (const other of made) expect(first?.equals(other)).toBe(true);
});
