import { run, runBytes } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";

describe("run", () => {
  test("returns both streams", async () => {
    expect(await run("sh", ["-c", "echo out; echo err >&2"])).toBe("out\nerr\n");
  });

  test("says which command failed, how, and what it printed", async () => {
    const failure = run("sh", ["-c", "echo why >&2; exit 3"]);
    await expect(failure).rejects.toThrow(/^sh -c .* exited with 3\nwhy$/s);
  });

  test("takes the statuses that the caller accepts", async () => {
    expect(await run("sh", ["-c", "exit 1"], { statuses: [0, 1] })).toBe("");
  });

  test("names the signal of a command that ran too long", async () => {
    await expect(run("sleep", ["10"], { timeout: 50 })).rejects.toThrow(/was ended by SIGKILL/);
  });

  test("rejects a command that does not exist", async () => {
    await expect(run("no-such-tool", [])).rejects.toThrow(/ENOENT/);
  });

  test("feeds the input, and minds nothing when the command does not read it", async () => {
    expect((await runBytes("cat", [], { input: Buffer.from([0, 255, 7]) })).toJSON().data).toEqual([
      0, 255, 7,
    ]);
    expect(await run("true", [], { input: Buffer.alloc(1 << 20) })).toBe("");
  });

  test("runs in English and UTC", async () => {
    expect(await run("sh", ["-c", "echo $LC_ALL $TZ $ADDED"], { env: { ADDED: "x" } })).toBe("C UTC x\n");
  });
});
