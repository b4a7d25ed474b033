// A workshop whose directory goes away while a build is at work.
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openWorkshop } from "../../src/build/workshop.ts";
import { workplace } from "../support/workplace.ts";

test("closing one that was removed hides no other failure", async () => {
  const directory = join(workplace(), "out");
  const opened = await openWorkshop(directory);
  rmSync(directory, { recursive: true });
  expect(() => opened.keepOnly(new Set())).toThrow(
    expect.objectContaining({
      code: "FILE_NOT_WRITABLE",
      message: expect.stringContaining("does not exist"),
    }),
  );
  opened.close(true);
  expect(existsSync(directory)).toBe(false);
});

test("one that fails at once leaves nothing, not even the directories above it", async () => {
  const folder = workplace();
  const opened = await openWorkshop(join(folder, "a/b/out"));
  opened.close(true);
  expect(existsSync(join(folder, "a"))).toBe(false);
});
