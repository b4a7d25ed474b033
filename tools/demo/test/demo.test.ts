import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { run } from "@bootstamp/witnesses";

const folder = mkdtempSync(join(tmpdir(), "bootstamp-demo-"));
afterAll(() => rmSync(folder, { recursive: true }));

const program = fileURLToPath(new URL("../src/demo.ts", import.meta.url));
const runDemo = async (): Promise<string> =>
  await run(process.execPath, ["--conditions=@bootstamp/source", program, folder]);

const inOutput = (name: string): string => join(folder, "out", name);

// One test: each step goes on from what the one before left in the folder.
test("the demo makes variants, finds them there again, and takes an edited spec", async () => {
  const first = await runDemo();
  expect(first).toContain("made base.img");
  expect(first).toMatch(/^stored +.* for 5 variants$/m);
  const names = ["aws", "azure", "device-0001", "device-0002", "device-0003"];
  for (const name of names) {
    expect(first).toMatch(new RegExp(String.raw`^${name} +[\d.]+ s +\d+ +[0-9a-f]{16}… +ok$`, "m"));
    expect(existsSync(inOutput(`demo-${name}.img.gz`))).toBe(true);
  }
  expect(first).toMatch(/^anew +.* measured once/m);
  const manifest: { artifacts: { sha256: string }[] } = JSON.parse(
    readFileSync(inOutput("manifest.json"), "utf8"),
  );
  expect(new Set(manifest.artifacts.map(({ sha256 }) => sha256)).size).toBe(names.length);

  const second = await runDemo();
  expect(second).toContain("base.img is there");
  expect(second).toContain("nothing to do: 5 artifacts");
  expect(second.split("\n").find((line) => line.startsWith("aws "))).toBe(
    first.split("\n").find((line) => line.startsWith("aws ")),
  );

  appendFileSync(join(folder, "devices.csv"), "0004,cellar,192.0.2.14/24\n");
  const third = await runDemo();
  expect(third).toMatch(/^device-0004 +[\d.]+ s +\d+ +[0-9a-f]{16}… +ok$/m);

  const specPath = join(folder, "spec.yaml");
  writeFileSync(specPath, readFileSync(specPath, "utf8").replace("write:", "wrte:"));
  await expect(runDemo()).rejects.toThrow(/spec\.yaml:\d+:\d+: .*wrte/);
});
