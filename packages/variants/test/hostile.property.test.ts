import { expandVariants, loadSpec, renderVariant, SpecError } from "@bootstamp/variants";
import fc from "fast-check";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scratch } from "./scratch.ts";

const spec = `# a spec with something of everything
version: 1
base: { image: fcos.raw, sha256: ${"9b".repeat(32)}, sector-size: 512 }
region: { label: boot }
store: touched
output:
  directory: out
  name: "fcos-{{ variant | slug }}"
  formats: [gz]
  digests: [sha256, raw-sha256]
  compression: { gz: { engine: zlib, level: 9 } }
values: &v { speed: 115200, "on": yes }
secrets: { psk: { env: PSK }, key: { file: 'keys/{{ row.id | default("x") }}' } }
allow-paths: [.]
edits:
  - append-line: { path: /x, line: "{{ secret.psk }}" }
variants:
  - name: aws
    values: *v
    edits:
      - kargs: { append: [ignition.platform.id=aws, "console=ttyS0,{{ values.speed }}"], delete: [quiet] }
      - write: { path: /c, content: "a\\x41\\n", mode: "0644" }
      - config-txt: { section: pi4, set: { a: [1, 2.50], b: true } }
  - name: "{{ matrix.arch }}-{{ row.id }}"
    table: t.csv
    matrix: { arch: [x86_64, aarch64] }
    exclude: [{ arch: aarch64 }]
    edits:
      - write:
          path: /user-data
          content: |
            #cloud-config
            hostname: {{ variant | json }}
      - cloud-init: { user-data: { template: t.tmpl }, path: / }
      - copy-in: { from: tree, path: /tree }
      - ignition:
          content: >-
            {"ignition":
            {"version": "3.4.0"}}
      - mkdir: { path: /d, mode: "0700", uid: 0 }
`;
const files = {
  "t.csv": "id,n\n1,a\n2,b\n",
  "t.tmpl": "#!/bin/sh\n{{ row.n }}\n",
  "tree/a": "a",
  "keys/1": "k",
};

const scraps = [
  "{{",
  "}}",
  "{",
  "}",
  "[",
  "]",
  "- ",
  ": ",
  "\n",
  "\n  ",
  "&a ",
  "*a",
  "*v",
  "!!str ",
  "!x ",
  "<<: ",
  "? ",
  "|\n",
  ">\n",
  '"',
  "'",
  "#",
  "%",
  "@",
  "`",
  "\t",
  "\r",
  "\0",
  "\u2028",
  "é",
  "\u{1F600}",
  "null",
  "~",
  "0644",
  "-1",
  "1e99",
  ".inf",
  "true",
  "../",
  "/",
  "__proto__: 1\n",
  "constructor",
  "x".repeat(300),
  "---\n",
  "...\n",
  "edits:\n",
  "row.id",
  "|",
];

const mutation = fc.oneof(
  fc.record({ at: fc.nat(spec.length), length: fc.nat(30), by: fc.constantFrom(...scraps, "") }),
  fc.record({ at: fc.nat(spec.length), length: fc.constant(0), by: fc.constantFrom(...scraps) }),
  fc
    .tuple(fc.nat(spec.length), fc.nat(200), fc.nat(spec.length))
    .map(([from, length, at]) => ({ at, length: 0, by: spec.slice(from, from + length) })),
);

async function run(path: string): Promise<Error | undefined> {
  try {
    const loaded = await loadSpec(path, { environment: { PSK: "p" } });
    for (const plan of expandVariants(loaded)) await renderVariant(loaded, plan);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error("thrown", { cause: error });
  }
}

test("the spec that is going to be mutated is a good one", async () => {
  expect(await run(join(scratch({ "spec.yaml": spec, ...files }), "spec.yaml"))).toBeUndefined();
});

test("a mutated spec is read or refused with places that are in a file, and never does anything else", async () => {
  const folder = scratch(files);
  const path = join(folder, "spec.yaml");
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (mutations) => {
      const text = mutations.reduce(
        (all, { at, length, by }) => all.slice(0, at) + by + all.slice(at + length),
        spec,
      );
      writeFileSync(path, text);
      const error = await run(path);
      const complaints = error instanceof SpecError ? error.complaints : [];
      expect([undefined, SpecError]).toContain(error?.constructor);
      for (const { position, message } of complaints) {
        expect(position.file.startsWith(folder)).toBe(true);
        expect(position.line).toBeGreaterThan(0);
        expect(position.column).toBeGreaterThan(0);
        expect(position.line).toBeLessThanOrEqual(Math.max(text.split("\n").length, 4));
        expect(message).not.toBe("");
      }
    }),
    { numRuns: 150 },
  );
});
