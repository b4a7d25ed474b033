// The program's entry under a Node that is too old for it: one line that says so, and no stack.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { workplace } from "./support/workplace.ts";

const entry = fileURLToPath(new URL("../bin/bootstamp.js", import.meta.url));

/** Runs the entry in front of a program that needs another Node. */
function enter(neededNode: string): { status: number | null; out: string; err: string } {
  const folder = workplace();
  for (const part of ["bin", "dist"]) mkdirSync(join(folder, part));
  copyFileSync(entry, join(folder, "bin/bootstamp.js"));
  const about = { type: "module", engines: { node: `>=${neededNode}` } };
  writeFileSync(join(folder, "package.json"), JSON.stringify(about));
  writeFileSync(join(folder, "dist/main.js"), 'console.log("loaded")');
  const ended = spawnSync(process.execPath, [join(folder, "bin/bootstamp.js")], { encoding: "utf8" });
  return { status: ended.status, out: ended.stdout, err: ended.stderr };
}

test("a Node that is too old is refused in one line, with what to do", () => {
  const { status, out, err } = enter("99.1");
  expect({ status, out }).toEqual({ status: 1, out: "" });
  expect(err).toBe(
    `error: bootstamp needs Node 99.1 or later, this is ${process.versions.node}\n` +
      "hint: in a clone, npx bootstamp takes the Node that npm ci brought\n",
  );
});

test("one that is new enough is let in", () => {
  const [major] = process.versions.node.split(".");
  for (const needed of ["22.18", `${major}.0`, `${major}`])
    expect(enter(needed)).toEqual({ status: 0, out: "loaded\n", err: "" });
});
