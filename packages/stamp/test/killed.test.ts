import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { stampFile } from "@bootstamp/stamp";
import { removeLeftovers } from "@bootstamp/whole-file";
import { expect, test } from "vitest";
import { encodeIdentity, identityFormat } from "./identity-format.ts";
import { noise, openFile } from "./patched-bytes.ts";

const script = fileURLToPath(new URL("./fixtures/stamp-and-wait.ts", import.meta.url));

test("a killed run leaves nothing under the final name, and the next run finishes", async () => {
  const format = identityFormat();
  const stampable = openFile(encodeIdentity(noise(100_000)));
  const directory = dirname(stampable.path);
  const output = join(directory, "out");
  const child = spawn(process.execPath, [...process.execArgv, script, stampable.path, output], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  try {
    const [said] = await Promise.race([once(child.stdout, "data"), ended]);
    expect(String(said)).toBe("written\n");
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
  const left = readdirSync(directory).filter((name) => name !== "file");
  expect(left).toEqual([expect.stringMatching(/^\.out\..*\.partial$/)]);

  const map = await format.readMap(stampable);
  await stampFile({ format, map, stampable, patch: [], output });
  expect(removeLeftovers(directory)).toEqual(left);
  expect(readdirSync(directory).toSorted()).toEqual(["file", "out"]);
  expect(readFileSync(output)).toEqual(readFileSync(stampable.path));
});
