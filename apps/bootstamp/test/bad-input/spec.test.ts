// A bad spec: one line a complaint that says where, and nothing written.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildImage } from "@bootstamp/test-images";
import { expect, test } from "vitest";
import { refuseBuild, specIn } from "../support/refused-build.ts";
import { copyOf, specOf, workplace, writeText } from "../support/workplace.ts";

const tiny = await buildImage("tiny");

test("a spec with a typo", async () => {
  const spec = specIn(
    workplace(),
    "version: 1\nbase: { image: x }\nvariants:\n  - name: a\n    edits:\n      - wrte: { path: /a }\n",
  );
  expect(await refuseBuild(spec)).toMatchObject({
    status: 2,
    err: `error: ${spec}:6:9: unknown edit "wrte", did you mean "write"?\n`,
  });
});

test("a spec with several", async () => {
  const spec = specIn(workplace(), "version: 1\nbase: { imag: x }\nvariants:\n  - nam: a\n");
  const { status, err } = await refuseBuild(spec);
  expect(status).toBe(2);
  expect(err).toMatch(/^error: .*spec\.yaml:2:7: "image" is missing\n/);
  expect(err).toContain(`\n       ${spec}:2:9: unknown key "imag", did you mean "image"?`);
  expect(err).toContain(`\n       ${spec}:4:5: unknown key "nam"`);
});

test("a spec that is missing, a directory, or empty", async () => {
  const folder = workplace();
  expect(await refuseBuild(join(folder, "none.yaml"))).toMatchObject({
    status: 2,
    err: expect.stringMatching(/no such file/),
  });
  expect(await refuseBuild(folder)).toMatchObject({ status: 2, err: expect.stringMatching(/directory/) });
  expect(await refuseBuild(specIn(folder, ""))).toMatchObject({
    status: 2,
    err: expect.stringMatching(/empty/),
  });
});

test("a spec with an edit that cannot be made says which", async () => {
  const spec = specIn(
    workplace(),
    `version: 1
base: { image: ${tiny.path} }
variants:
- name: good
- name: bad
  edits:
    - kargs: { append: [a] }
    - delete: /missing.txt
`,
  );
  const { status, err } = await refuseBuild(spec);
  expect(status).toBe(1);
  expect(err).toBe(`error: ${spec}:8:7: variant "bad": cannot find /missing.txt\n`);
});

test("a spec with an edit that overfills the partition says by how much", async () => {
  const folder = workplace();
  writeFileSync(join(folder, "big.bin"), Buffer.alloc(5 << 20, 1));
  const spec = specIn(
    folder,
    `version: 1
base: { image: ${tiny.path} }
variants:
- name: big
  edits:
    - write: { path: /big.bin, file: big.bin }
`,
  );
  const { status, err } = await refuseBuild(spec);
  expect(status).toBe(1);
  expect(err).toMatch(/spec\.yaml:6:7: variant "big": .*[\d,]+ bytes more/);
});

test("a spec with the SHA-256 of another base", async () => {
  const base = { image: tiny.path, sha256: "0".repeat(64) };
  const { status, err } = await refuseBuild(specIn(workplace(), specOf(tiny.path, { base })));
  expect(status).toBe(1);
  expect(err).toMatch(/has SHA-256 [0-9a-f]{64}, expected 0{64}\n$/);
});

test("a spec with a region that the image does not have lists those that it has", async () => {
  const { status, err } = await refuseBuild(
    specIn(workplace(), specOf(tiny.path, { region: { label: "bot" } })),
  );
  expect(status).toBe(2);
  expect(err).toMatch(/no partition has the label "bot".*1: "EFI system partition".*2: "boot".*3: "root"/);
});

test("a spec that would replace its own base, or files that are not ours", async () => {
  const folder = workplace();
  const base = copyOf(tiny.path, join(folder, "aws.raw.gz"));
  const spec = specIn(folder, specOf("aws.raw.gz", { output: { directory: "." } }));
  expect(await refuseBuild(spec)).toMatchObject({
    status: 1,
    err: `error: cannot write ${base}: it is the base image\n`,
  });
  expect(readFileSync(base).equals(readFileSync(tiny.path))).toBe(true);
  for (const [name, text] of [
    ["manifest.json", '{ "name": "web app" }'],
    ["manifest.json", "not json"],
    ["SHA256SUMS", "abc  movie.mkv"],
  ] as const) {
    const own = workplace();
    const file = writeText(join(own, name), text);
    expect(await refuseBuild(specIn(own, specOf(tiny.path, { output: { directory: "." } })))).toMatchObject({
      status: 1,
      err: expect.stringContaining(`error: ${file} was not made by bootstamp`),
    });
    expect(readFileSync(file, "utf8")).toBe(text);
    expect(readdirSync(own).toSorted()).toEqual([name, "spec.yaml"].toSorted());
  }
});

test("a spec with a level that the engine does not have", async () => {
  const compression = { gz: { engine: "zlib", level: 12 } };
  const { status, err } = await refuseBuild(
    specIn(workplace(), specOf("none.img", { output: { compression } })),
  );
  expect(status).toBe(2);
  expect(err).toMatch(/spec\.yaml: .*level/);
});

test("a spec with a SOURCE_DATE_EPOCH that is no date", async () => {
  const spec = specIn(workplace(), specOf(tiny.path));
  for (const SOURCE_DATE_EPOCH of ["yesterday", "-1", "1e9", "12345678901234", " 1"]) {
    expect(await refuseBuild(spec, { SOURCE_DATE_EPOCH })).toMatchObject({
      status: 2,
      err: expect.stringContaining("SOURCE_DATE_EPOCH"),
    });
  }
});

test("an edit that fails does not quote a secret that an earlier one wrote", async () => {
  const folder = workplace();
  writeText(join(folder, "psk"), "token=hunter2-Zx token=hunter3-Zx");
  const spec = specIn(
    folder,
    `version: 1
base: { image: ${tiny.path} }
secrets: { psk: { file: psk } }
variants:
- name: bad
  edits:
    - write: { path: /cmdline.txt, content: "{{ secret.psk }}" }
    - kargs: { paths: [/cmdline.txt], delete: [token] }
`,
  );
  const { status, err } = await refuseBuild(spec);
  expect(status).toBe(1);
  expect(err).toMatch(/spec\.yaml:8:7: variant "bad": .*it could be any of 2: ?\[secret\]/);
  expect(err).not.toContain("hunter");
});
