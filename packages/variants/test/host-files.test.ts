import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expandVariants, loadSpec, renderVariant, SpecError } from "@bootstamp/variants";
import { expect, test } from "vitest";
import { head, scratch } from "./scratch.ts";

/** Renders the first variant of `spec`, which stands in the folder `spec` beside `outside`; or says what is wrong. */
async function outcome(folder: string, spec: string): Promise<unknown> {
  writeFileSync(join(folder, "spec/spec.yaml"), spec);
  try {
    const loaded = await loadSpec(join(folder, "spec/spec.yaml"), { environment: {} });
    const [plan] = expandVariants(loaded);
    if (plan === undefined) throw new Error("no variant");
    return (await renderVariant(loaded, plan)).edits;
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    return error.message.replaceAll(`${folder}/`, "").replace(' (variant "a")', "");
  }
}

const oneFile = (path: string, extra: string = "") =>
  `${head}${extra}variants: [{ name: a, edits: [{ write: { path: /f, file: ${JSON.stringify(path)} } }] }]\n`;

const place = "spec/spec.yaml:3:58:";
const placeBelow = "spec/spec.yaml:4:58:";
const bytes = (text: string) => new TextEncoder().encode(text);

function layOut(): string {
  const folder = scratch({
    "spec/in.txt": "inside",
    "spec/sub/deep.txt": "deep",
    "outside/out.txt": "outside",
  });
  symlinkSync("../outside/out.txt", join(folder, "spec/link.txt"));
  symlinkSync("../outside", join(folder, "spec/folder"));
  symlinkSync("in.txt", join(folder, "spec/inner.txt"));
  symlinkSync("outside", join(folder, "alias"));
  return folder;
}

test.each(["in.txt", "./in.txt", "sub/../in.txt", "inner.txt"])(
  "%s, which is inside, is read",
  async (path) => {
    expect(await outcome(layOut(), oneFile(path))).toMatchObject([{ content: bytes("inside") }]);
  },
);

test.each([
  "../outside/out.txt",
  "sub/../../outside/out.txt",
  "link.txt",
  "folder/out.txt",
  "../nothing",
  "/etc/passwd",
])("%s, which is outside, is refused", async (path) => {
  expect(await outcome(layOut(), oneFile(path))).toMatch(
    new RegExp(`^${place} .* is outside the folder of the spec; "allow-paths" can allow it$`),
  );
});

test("a folder can be allowed, by the name of a symbolic link too", async () => {
  const allowed = [{ content: bytes("outside") }];
  for (const root of ["../outside", "../alias", "../outside/out.txt"])
    for (const path of ["../outside/out.txt", "link.txt"])
      expect(await outcome(layOut(), oneFile(path, `allow-paths: [${root}]\n`))).toMatchObject(allowed);
  expect(await outcome(layOut(), oneFile("../alias/out.txt", "allow-paths: [../alias]\n"))).toMatchObject(
    allowed,
  );
});

test("what is not allowed stays refused beside what is", async () => {
  const folder = layOut();
  mkdirSync(join(folder, "outside-too"));
  writeFileSync(join(folder, "outside-too/x"), "x");
  expect(await outcome(folder, oneFile("../outside-too/x", "allow-paths: [../outside]\n"))).toMatch(
    new RegExp(`^${placeBelow} outside-too/x is outside`),
  );
  expect(await outcome(folder, oneFile("in.txt", "allow-paths: [../nowhere]\n"))).toBe(
    "spec/spec.yaml:3:15: cannot read ../nowhere: there is no such file",
  );
});

test("a spec that is reached through a symbolic link has the folder that it is in by name", async () => {
  const folder = layOut();
  writeFileSync(join(folder, "spec/spec.yaml"), oneFile("in.txt"));
  symlinkSync("spec", join(folder, "there"));
  const loaded = await loadSpec(join(folder, "there/spec.yaml"), { environment: {} });
  expect(loaded.directory).toBe(join(folder, "spec"));
  expect(loaded.base.image).toBe(join(folder, "spec/base.raw"));
  expect(expandVariants(loaded)).toHaveLength(1);
});

test.each([
  ["nothing", `${place} cannot read spec/nothing: there is no such file`],
  ["sub", `${place} spec/sub is no ordinary file`],
  ["fifo", `${place} spec/fifo is no ordinary file`],
  ["big", `${place} spec/big has 67108865 bytes, at most 67108864 fit`],
  ["a\0b", `${place} "a\\u0000b" is no path of a file`],
])("%j is refused", async (path, expected) => {
  const folder = layOut();
  execFileSync("mkfifo", [join(folder, "spec/fifo")]);
  writeFileSync(join(folder, "spec/big"), "");
  truncateSync(join(folder, "spec/big"), (64 << 20) + 1);
  expect(await outcome(folder, oneFile(path))).toBe(expected);
});

test("a template must be text", async () => {
  const folder = layOut();
  writeFileSync(join(folder, "spec/t"), Uint8Array.of(0xff));
  expect(await outcome(folder, oneFile("t").replace("file:", "template:"))).toBe(
    'spec/spec.yaml:3:62: spec/t is no UTF-8 text; "file" takes any bytes',
  );
});

test("a tree is copied with parents first, in the order of bytes, links as they are, modes as git keeps them", async () => {
  const folder = scratch({
    "spec/tree/b": "b",
    "spec/tree/B/z": "z",
    "spec/tree/é": "e",
    "spec/tree/run": "#!",
  });
  chmodSync(join(folder, "spec/tree/run"), 0o700);
  chmodSync(join(folder, "spec/tree/b"), 0o666);
  symlinkSync("/etc/passwd", join(folder, "spec/tree/link"));
  const spec = `${head}variants: [{ name: a, edits: [{ copy-in: { from: tree, path: /, uid: 0, gid: 5 } }] }]\n`;
  expect(await outcome(folder, spec)).toEqual([
    {
      verb: "copy-in",
      path: "/",
      uid: 0,
      gid: 5,
      entries: [
        { kind: "directory", path: "", mode: 0o755 },
        { kind: "directory", path: "B", mode: 0o755 },
        { kind: "file", path: "B/z", content: bytes("z"), mode: 0o644 },
        { kind: "file", path: "b", content: bytes("b"), mode: 0o644 },
        { kind: "link", path: "link", target: "/etc/passwd" },
        { kind: "file", path: "run", content: bytes("#!"), mode: 0o755 },
        { kind: "file", path: "é", content: bytes("e"), mode: 0o644 },
      ],
    },
  ]);
});

function copyIn(path: string): string {
  return `${head}variants: [{ name: a, edits: [{ copy-in: { from: in.txt, path: ${path} } }] }]\n`;
}

test("a single file is copied to a path, not into one", async () => {
  const folder = layOut();
  expect(await outcome(folder, copyIn("/x"))).toEqual([
    {
      verb: "copy-in",
      path: "/x",
      entries: [{ kind: "file", path: "", content: bytes("inside"), mode: 0o644 }],
    },
  ]);
  expect(await outcome(folder, copyIn("/"))).toBe(
    "spec/spec.yaml:3:64: a single file needs a name: the path is that of the file",
  );
});

test("a tree with a FIFO in it, or with a name that is no UTF-8, is refused", async () => {
  const folder = scratch({ "spec/tree/a": "a" });
  const spec = `${head}variants: [{ name: a, edits: [{ copy-in: { from: tree, path: / } }] }]\n`;
  execFileSync("mkfifo", [join(folder, "spec/tree/fifo")]);
  expect(await outcome(folder, spec)).toBe("spec/spec.yaml:3:50: spec/tree/fifo is no ordinary file");
  const other = scratch({ "spec/tree/a": "a" });
  writeFileSync(Buffer.concat([Buffer.from(join(other, "spec/tree/x")), Buffer.of(0xff)]), "");
  expect(await outcome(other, spec)).toBe("spec/spec.yaml:3:50: the name spec/tree/x\uFFFD is no UTF-8");
});

test("variants that read the same file or tree share its bytes", async () => {
  const folder = scratch({ "spec/tree/a": "a", "spec/f": "f" });
  writeFileSync(
    join(folder, "spec/spec.yaml"),
    `${head}edits: [{ copy-in: { from: tree, path: / } }, { write: { path: /f, file: f } }]\nvariants: [{ name: a }, { name: b }]\n`,
  );
  const loaded = await loadSpec(join(folder, "spec/spec.yaml"));
  const [a, b] = await Promise.all(expandVariants(loaded).map(async (plan) => renderVariant(loaded, plan)));
  const contents = (edits: typeof a) =>
    edits?.edits.map((edit) =>
      edit.verb === "copy-in" ? edit.entries : edit.verb === "write" ? edit.content : edit,
    );
  expect(contents(a)?.[0]).toBe(contents(b)?.[0]);
  expect(contents(a)?.[1]).toBe(contents(b)?.[1]);
});
