import { execFileSync, spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeLeftovers, writeUnsyncedFile, writeWholeFile, writeWholeText } from "@bootstamp/whole-file";
import { expect, test } from "vitest";

const makeDirectory = (): string => mkdtempSync(join(tmpdir(), "bootstamp-whole-"));

test("a file appears complete, replaces the old one, and nothing else stays", async () => {
  const directory = makeDirectory();
  const path = join(directory, "a.gz");
  await writeWholeText(path, "old");
  const answer = await writeWholeFile(path, async (temporary) => {
    writeFileSync(temporary, "new");
    expect(readFileSync(path, "utf8")).toBe("old");
    return 7;
  });
  expect(answer).toBe(7);
  expect(readFileSync(path, "utf8")).toBe("new");
  expect(readdirSync(directory)).toEqual(["a.gz"]);
});

test("a failure leaves the old file and no other", async () => {
  const directory = makeDirectory();
  const path = join(directory, "a");
  await writeWholeText(path, "old");
  const failing = writeWholeFile(path, async (temporary) => {
    writeFileSync(temporary, "half");
    throw new Error("stop");
  });
  await expect(failing).rejects.toThrow("stop");
  expect(readdirSync(directory)).toEqual(["a"]);
  expect(readFileSync(path, "utf8")).toBe("old");
});

test("a file that is not synced appears complete or not at all too", async () => {
  const directory = makeDirectory();
  const path = join(directory, "a");
  await writeUnsyncedFile(path, async (temporary) => writeFileSync(temporary, "one"));
  const failing = writeUnsyncedFile(path, async (temporary) => {
    writeFileSync(temporary, "half");
    throw new Error("stop");
  });
  await expect(failing).rejects.toThrow("stop");
  expect(readdirSync(directory)).toEqual(["a"]);
  expect(readFileSync(path, "utf8")).toBe("one");
});

test("a device, which a rename would replace, is refused", async () => {
  await expect(writeWholeText("/dev/null", "text")).rejects.toMatchObject({ code: "FILE_NOT_WRITABLE" });
  expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
  const path = join(makeDirectory(), "link");
  symlinkSync("/dev/null", path);
  await expect(writeWholeText(path, "text")).rejects.toThrow("it is a device");
});

const make = async (temporary: string): Promise<void> => writeFileSync(temporary, "new");

test("what a check finds wrong is not published", async () => {
  const directory = makeDirectory();
  const path = join(directory, "a");
  await writeWholeText(path, "old");
  const seen: string[] = [];
  const refusing = writeWholeFile(path, make, async (temporary) => {
    seen.push(readFileSync(temporary, "utf8"));
    throw new Error("wrong");
  });
  await expect(refusing).rejects.toThrow("wrong");
  expect(readFileSync(path, "utf8")).toBe("old");
  await writeWholeFile(path, make, async (temporary) => {
    // The file is not there under its name before the check is done.
    await new Promise((resolve) => setTimeout(resolve, 50));
    seen.push(readFileSync(temporary, "utf8"), readFileSync(path, "utf8"));
  });
  expect(seen).toEqual(["new", "new", "old"]);
  expect(readFileSync(path, "utf8")).toBe("new");
  expect(readdirSync(directory)).toEqual(["a"]);
});

test("where a file cannot be made is said with its name", async () => {
  const path = join(makeDirectory(), "missing", "a");
  await expect(writeWholeText(path, "x")).rejects.toMatchObject({
    code: "FILE_NOT_WRITABLE",
    fields: { path },
  });
  const inFile = join(makeDirectory(), "f");
  await writeWholeText(inFile, "x");
  await expect(writeWholeText(join(inFile, "a"), "x")).rejects.toMatchObject({ code: "FILE_NOT_WRITABLE" });
  const long = join(makeDirectory(), "x".repeat(300));
  await expect(writeWholeText(long, "x")).rejects.toMatchObject({
    code: "FILE_NOT_WRITABLE",
    message: `cannot write ${long}: the name is too long`,
  });
});

test("what cannot be read meanwhile is no failure to write", async () => {
  const directory = makeDirectory();
  const descriptor = openSync(directory, "r");
  const reading = writeWholeFile(
    join(directory, "a"),
    async () => void readSync(descriptor, new Uint8Array(1)),
  );
  await expect(reading).rejects.toMatchObject({ code: "EISDIR", syscall: "read" });
  closeSync(descriptor);
});

test("names as long as the file system allows are possible", async () => {
  const path = join(makeDirectory(), "é".repeat(127));
  await writeWholeText(path, "x");
  expect(readFileSync(path, "utf8")).toBe("x");
});

test("a file that is longer than may be is said so and leaves nothing", async () => {
  const directory = makeDirectory();
  const path = join(directory, "a");
  const script = `import { writeWholeText } from "${new URL("../src/index.ts", import.meta.url).href}";
    await writeWholeText("${path}", "x".repeat(100_000)).catch(({ code, message }) => console.log(code, message));`;
  const node = [process.execPath, "--conditions=@bootstamp/source", "--input-type=module", "-e", script];
  const limited = ["-c", 'ulimit -f 8 && exec "$@"', "limited", ...node];
  expect(execFileSync("bash", limited, { encoding: "utf8" })).toBe(
    `FILE_TOO_LARGE cannot write ${path}: it would be longer than its file system, or the limit of this process, allows (EFBIG)\n`,
  );
  expect(readdirSync(directory)).toEqual([]);
});

test("a killed run leaves no file with the final name, and its leftovers are removed", async () => {
  const directory = makeDirectory();
  const path = join(directory, "a");
  const script = `import { writeWholeFile } from "${new URL("../src/index.ts", import.meta.url).href}";
    import { writeFileSync } from "node:fs";
    await writeWholeFile("${path}", (temporary) => new Promise(() => {
      writeFileSync(temporary, "half");
      process.stdout.write("ready");
      setInterval(() => {}, 1000);
    }));`;
  const child = spawn(process.execPath, [
    "--conditions=@bootstamp/source",
    "--input-type=module",
    "-e",
    script,
  ]);
  await new Promise((resolve, reject) => {
    child.stdout.once("data", resolve);
    child.once("exit", () => reject(new Error("the child ended early")));
  });
  expect(removeLeftovers(directory)).toEqual([]);
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
  expect(existsSync(path)).toBe(false);
  expect(readdirSync(directory)).toHaveLength(1);
  expect(removeLeftovers(directory)).toHaveLength(1);
  expect(readdirSync(directory)).toEqual([]);
});
