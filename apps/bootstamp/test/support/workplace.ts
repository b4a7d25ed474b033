import { createHash } from "node:crypto";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { onTestFinished } from "vitest";

/** A temporary folder that goes when the test has ended. */
export function workplace(): string {
  const folder = mkdtempSync(join(tmpdir(), "bootstamp-app-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a text file, with the folders that it needs, and returns its path. */
export function writeText(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** A copy of an image that may be written to. */
export function copyOf(image: string, path: string): string {
  copyFileSync(image, path);
  return path;
}

/** The spec that most tests start from: two variants, of other kernel arguments and another marker file. */
export function specOf(image: string, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify(
    {
      version: 1,
      base: { image },
      variants: ["aws", "azure"].map((name) => ({ name, edits: editsOf(name) })),
      ...more,
    },
    undefined,
    2,
  );
}

export function editsOf(name: string): readonly object[] {
  return [
    { kargs: { append: [`platform=${name}`] } },
    { write: { path: "/marker.txt", content: `${name}\n` } },
  ];
}

/** Every file below a folder, by its path there, with the SHA-256 of its bytes. `.bootstamp` is left out. */
export function digestsIn(folder: string): Record<string, string> {
  return Object.fromEntries(
    filesIn(folder).map((path) => [
      relative(folder, path),
      createHash("sha256").update(readFileSync(path)).digest("hex"),
    ]),
  );
}

/** What tells whether a file was touched, for every file below a folder, `.bootstamp` and all. */
export function tracesIn(folder: string): Record<string, string> {
  return Object.fromEntries(
    filesIn(folder, "").map((path) => {
      const { ino, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
      return [relative(folder, path), `${ino} ${mtimeNs} ${ctimeNs}`];
    }),
  );
}

function filesIn(folder: string, skipped = ".bootstamp"): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== skipped)
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesIn(path, skipped) : [path];
    })
    .toSorted();
}
