// A build that is killed leaves nothing half-made under a final name, and the next one comes to the same bytes.
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildImage } from "@bootstamp/test-images";
import { expect, test } from "vitest";
import { runCommand, startCommand, type Running } from "../support/command.ts";
import { digestsIn, editsOf, specOf, workplace, writeText } from "../support/workplace.ts";

const { path: tiny } = await buildImage("tiny");
const variants = ["a", "b", "c", "d", "e"].map((name) => ({ name, edits: editsOf(name) }));
const changed = variants.map(({ name }) => ({ name, edits: editsOf(`${name} again`) }));

function writeSpec(folder: string, which: readonly object[] = variants): string {
  return writeText(join(folder, "spec.yaml"), specOf(tiny, { output: { bmap: true }, variants: which }));
}

type Digests = Record<string, string>;

const undisturbedBuilds = new Map<readonly object[], Promise<Digests>>();

/** What a build makes that nobody disturbs. */
async function undisturbed(which: readonly object[] = variants): Promise<Digests> {
  const known = undisturbedBuilds.get(which) ?? buildUndisturbed(which);
  undisturbedBuilds.set(which, known);
  return await known;
}

async function buildUndisturbed(which: readonly object[]): Promise<Digests> {
  const folder = workplace();
  expect(await runCommand(["build", writeSpec(folder, which)])).toMatchObject({ status: 0 });
  return digestsIn(join(folder, "out"));
}

/** Every file with a final name has to be one that an undisturbed build makes, or made before. */
function expectWhole(out: string, ...allowed: readonly Digests[]): void {
  for (const [name, digest] of Object.entries(digestsIn(out))) {
    if (name.endsWith(".partial")) continue;
    expect(allowed.map((files) => files[name])).toContain(digest);
  }
}

/** Records may be there only if all that they list is there as they say. */
function expectRecordsTrue(out: string): void {
  const sums = join(out, "SHA256SUMS");
  if (!existsSync(sums)) return;
  const found = digestsIn(out);
  const lines = readFileSync(sums, "utf8").trimEnd().split("\n");
  expect(
    lines.map((line) => line.split("  ")).filter(([digest, name = ""]) => found[name] !== digest),
  ).toEqual([]);
}

async function killWhen({ child, outcome }: Running, isTime: (text: string) => boolean): Promise<void> {
  child.stdout?.on("data", (text: string) => {
    if (isTime(text)) child.kill("SIGKILL");
  });
  await outcome;
}

test.each(["edited", "stored", "pressed", "artifact"])("killed at the first event %s", async (event) => {
  const good = await undisturbed();
  const folder = workplace();
  const spec = writeSpec(folder);
  const out = join(folder, "out");
  await killWhen(startCommand(["build", spec, "--json"]), (text) => text.includes(`{"event":"${event}"`));
  expectWhole(out, good);
  expectRecordsTrue(out);
  expect(await runCommand(["build", spec])).toMatchObject({ status: 0 });
  expect(digestsIn(out)).toEqual(good);
  expect(readdirSync(out).filter((name) => name.endsWith(".partial"))).toEqual([]);
});

test("killed at any moment, again and again, while it replaces what an earlier build made", async () => {
  const before = await undisturbed();
  const after = await undisturbed(changed);
  const folder = workplace();
  const out = join(folder, "out");
  await runCommand(["build", writeSpec(folder)]);
  const spec = writeSpec(folder, changed);
  // From the time that the process starts to the time that it would be done, in steps that are not even.
  for (let delay = 300, ended = false; !ended; delay = delay * 1.3 + 60) {
    const { child, outcome } = startCommand(["build", spec, "--json"]);
    const timer = setTimeout(() => child.kill("SIGKILL"), delay);
    ended = (await outcome).status === 0;
    clearTimeout(timer);
    expectWhole(out, before, after);
    expectRecordsTrue(out);
    // The stampable image is kept, so later rounds would have little left to do.
    if (delay < 1500) rmSync(join(out, ".bootstamp/bases"), { recursive: true, force: true });
  }
  expect(digestsIn(out)).toEqual(after);
});

test("an interruption ends orderly, and the next run goes on", async () => {
  const good = await undisturbed();
  for (const event of ["stored", "artifact"]) {
    const folder = workplace();
    const spec = writeSpec(folder);
    const out = join(folder, "out");
    const { child, outcome } = startCommand(["build", spec, "--json"]);
    // Once: a second one is answered by the system's own end.
    let interrupted = false;
    child.stdout?.on("data", (text: string) => {
      if (interrupted || !text.includes(`{"event":"${event}"`)) return;
      interrupted = child.kill("SIGINT");
    });
    const { status, out: printed } = await outcome;
    expect(status).toBe(130);
    expect(printed).toContain('"code":"INTERRUPTED"');
    expectWhole(out, good);
    expect(readdirSync(join(out, ".bootstamp")).filter((name) => name.startsWith("lock."))).toEqual([]);
    expect(await runCommand(["build", spec])).toMatchObject({ status: 0 });
    expect(digestsIn(out)).toEqual(good);
  }
});

test("two builds at once: one is refused, and told so", async () => {
  const folder = workplace();
  const spec = writeSpec(folder);
  const first = startCommand(["build", spec, "--json"]);
  const refused = new Promise<string>((resolve) => {
    first.child.stdout?.on("data", (text: string) => {
      if (text.includes('{"event":"base"'))
        resolve(runCommand(["build", spec]).then(({ status, err }) => `${status} ${err}`));
    });
  });
  expect(await refused).toMatch(/^1 error: another build \(process \d+\) is at work in .*\nhint: wait/);
  expect(await first.outcome).toMatchObject({ status: 0 });
});
