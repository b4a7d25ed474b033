// A reader of the format in another language, which knows FORMAT.md and nothing else.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodeStamp } from "@bootstamp/stamp-file";
import { requires, run } from "@bootstamp/witnesses";
import { afterAll, expect, test } from "vitest";
import { diff, noise, sampleArtifacts, sampleStamp, withOverwrites } from "./some-stamps.ts";

const directory = mkdtempSync(join(tmpdir(), "bootstamp-stamp-file-"));
const script = fileURLToPath(new URL("fixtures/apply-stamp.py", import.meta.url));
const [stampPath, basePath, outputPath] = ["stamp", "base", "output"].map((name) => join(directory, name));

afterAll(() => rmSync(directory, { recursive: true }));

async function applied(stamp: Uint8Array, base: Uint8Array): Promise<{ said: string; image: Uint8Array }> {
  writeFileSync(stampPath ?? "", stamp);
  writeFileSync(basePath ?? "", base);
  const said = await run("python3", [script, stampPath ?? "", basePath ?? "", outputPath ?? ""]);
  return { said, image: new Uint8Array(readFileSync(outputPath ?? "")) };
}

test(
  "a stamp with all that it can have is read as the format says",
  requires("python3", "zstd"),
  async () => {
    const stamp = await sampleStamp();
    const base = noise(1 << 20);
    const { said, image } = await applied(encodeStamp(stamp), base);
    const lines = sampleArtifacts.map(
      ({ format, stampable, length, sha256 = "-", crc64nvme, fsverity = "-" }) => {
        return `${format} ${stampable} ${length} ${sha256} ${crc64nvme?.toString(16) ?? "-"} ${fsverity}`;
      },
    );
    expect(said).toBe(`${[stamp.name, ...lines].join("\n")}\n`);
    expect(Buffer.compare(image, withOverwrites(base, stamp.patch))).toBe(0);
  },
);

test("a stamp of many runs and of long ones", requires("python3", "zstd"), async () => {
  const base = noise(4 << 20);
  const variant = new Uint8Array(base);
  for (let at = 0; at < 2 << 20; at += 97) variant[at] = 1 ^ (base[at] ?? 0);
  variant.set(noise(1_500_000, 2), 2_500_000);
  const file = encodeStamp({ name: "many", artifacts: [], ...(await diff(base, variant)) });
  const { image } = await applied(file, base);
  expect(Buffer.compare(image, variant)).toBe(0);
});
