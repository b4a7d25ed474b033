import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readFileBytes } from "../src/read-file-bytes.ts";
import { workplace } from "./support/workplace.ts";

test("a small file is read, a larger one is not", () => {
  const path = join(workplace(), "file");
  writeFileSync(path, "12345678");
  expect(Buffer.from(readFileBytes(path, 8)).toString()).toBe("12345678");
  expect(() => readFileBytes(path, 7)).toThrow(`${path} has 8 bytes, 7 at most are expected`);
  expect(() => readFileBytes(`${path}s`, 7)).toThrow(`cannot read ${path}s: it is not there`);
});

test("what is no regular file is refused at once: a FIFO that nobody writes to, a device, a folder", () => {
  const folder = workplace();
  const fifo = join(folder, "fifo");
  execFileSync("mkfifo", [fifo]);
  // In a process that can be ended: a thread that waits for a writer cannot.
  const script = `import { readFileBytes } from "${new URL("../src/read-file-bytes.ts", import.meta.url).href}";
    for (const path of process.argv.slice(1))
      try { readFileBytes(path, 100); } catch ({ code, message }) { console.log(code, message); }`;
  const words = ["--conditions=@bootstamp/source", "--input-type=module", "-e", script, "--"];
  const paths = [fifo, "/dev/zero", folder];
  const said = execFileSync(process.execPath, [...words, ...paths], { encoding: "utf8", timeout: 120_000 });
  expect(said.split("\n")).toEqual([
    ...paths.map((path) => `USAGE_ARGUMENT cannot read ${path}: it is no regular file`),
    "",
  ]);
});
