// What `publish SPEC` notices of a base that is not the one that was built of.
import { closeSync, openSync, readFileSync, rmSync, utimesSync, writeSync } from "node:fs";
import { join } from "node:path";
import { buildImage } from "@bootstamp/test-images";
import { loadSpec } from "@bootstamp/variants";
import { requires, run } from "@bootstamp/witnesses";
import { expect, test } from "vitest";
import type { Manifest } from "../src/build/manifest.ts";
import { changedBase } from "../src/commands/publish/changed-base.ts";
import { runCommand } from "./support/command.ts";
import { copyOf, specOf, workplace, writeText } from "./support/workplace.ts";

const { signal } = new AbortController();

/** Builds in a folder of its own, and returns what says how the base is another than it was then. */
async function built(base: string): Promise<() => Promise<string | undefined>> {
  const folder = workplace();
  const path = writeText(join(folder, "spec.yaml"), specOf(base));
  expect(await runCommand(["build", path])).toMatchObject({ status: 0, err: "" });
  const out = join(folder, "out");
  const manifest: Manifest = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8"));
  const spec = await loadSpec(path);
  return async () => await changedBase(spec, out, manifest, signal);
}

function writeInto(path: string, text: string): void {
  const file = openSync(path, "r+");
  writeSync(file, text, 1_000_000);
  closeSync(file);
}

test("a raw base that has other bytes, not one that was touched or is not at hand", async () => {
  const base = copyOf((await buildImage("tiny")).path, join(workplace(), "disk.raw"));
  const change = await built(base);
  expect(await change()).toBeUndefined();
  utimesSync(base, 1, 1);
  expect(await change()).toBeUndefined();
  writeInto(base, "another");
  expect(await change()).toMatch(
    /^is of a base with the SHA-256 [0-9a-f]{64}, .*disk\.raw has [0-9a-f]{64} now$/,
  );
  rmSync(base);
  expect(await change()).toBeUndefined();
});

test("a compressed base that was replaced", requires("zstd"), async () => {
  const raw = copyOf((await buildImage("tiny")).path, join(workplace(), "disk.raw"));
  const base = `${raw}.zst`;
  await run("zstd", ["-q1", raw, "-o", base]);
  const change = await built(base);
  expect(await change()).toBeUndefined();
  writeInto(raw, "another");
  await run("zstd", ["-qf1", raw, "-o", base]);
  expect(await change()).toBe(`is of another base than ${base} is now`);
});
