import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** How many variants `several` has. */
export const severalCount = 5;

const thousand = 1000;

/** Name of the one variant of `touched` and `whole`. */
export const editedVariant = "edited";

const edits = (number: string): string => `
    edits:
      - kargs: { append: ["console=ttyS${number},115200n8"] }
      - write: { path: /marker.txt, content: "variant ${number}\\n" }
`;

const plain = "  - name: plain\n";
const one = `  - name: ${editedVariant}${edits("0")}`;
const numbers = (count: number): string => Array.from({ length: count }, (_, index) => index + 1).join(", ");
const many = (count: number): string =>
  `  - name: "v{{ matrix.number }}"\n    matrix: { number: [${numbers(count)}] }${edits("{{ matrix.number }}")}`;

/** Writes every spec that the benchmarks build into `folder`, where the base is `base.img`. */
export function writeSpecs(folder: string): void {
  const write = (
    name: string,
    variants: string,
    { store = "touched", digests = "sha256, raw-sha256" } = {},
  ): void => writeFileSync(join(folder, `${name}.yaml`), specText("base.img", variants, store, digests));
  write("plain", plain);
  write("touched", one);
  write("whole", one, { store: "whole" });
  write("four", many(4));
  write("several", many(severalCount), { digests: "" });
  write("hundred", many(100));
  write("hundred-undigested", many(100), { digests: "" });
  write("thousand", many(thousand), { digests: "" });
}

/** A spec of one edited variant of another base image. */
export function writeSpecFor(folder: string, name: string, image: string): void {
  writeFor(folder, name, image, one);
}

/** A spec of a thousand variants of another base image. */
export function writeThousandFor(folder: string, name: string, image: string): void {
  writeFor(folder, name, image, many(thousand));
}

/** A spec of another base image whose one variant is the base itself: nothing is stored for it. */
export function writePlainSpecFor(folder: string, name: string, image: string): void {
  writeFor(folder, name, image, plain);
}

function writeFor(folder: string, name: string, image: string, variants: string): void {
  writeFileSync(
    join(folder, `${name}.yaml`),
    `${specText(image, variants, "touched", "")}allow-paths: [/]\n`,
  );
}

function specText(image: string, variants: string, store: string, digests: string): string {
  return `version: 1
base: { image: ${JSON.stringify(image)} }
region: { label: boot }
store: ${store}
output: { directory: out, name: "{{ variant }}", digests: [${digests}] }
variants:
${variants}`;
}
