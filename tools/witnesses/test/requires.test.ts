import { requires, requiresIn, when } from "@bootstamp/witnesses";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

const missing = "no-such-tool";
const warn = vi.spyOn(console, "warn");

beforeAll(() => {
  warn.mockImplementation(() => undefined);
});

afterAll(() => {
  warn.mockRestore();
});

describe("requiresIn", () => {
  test("runs where every tool is found", () => {
    expect(requiresIn({ PATH: process.env["PATH"], CI: "1" }, ["sh", "node"])).toEqual({});
    expect(requiresIn({}, [])).toEqual({});
  });

  test("skips on a developer's machine, and says once which tool is missing", () => {
    warn.mockClear();
    expect(requiresIn({ PATH: "/bin" }, ["sh", missing])).toEqual({ skip: true });
    expect(requiresIn({ PATH: "/bin" }, ["sh", missing])).toEqual({ skip: true });
    expect(warn.mock.calls).toEqual([["skipped: no-such-tool is not on PATH"]]);
  });

  test.each(["", "false", "FALSE", "0"])("takes CI=%j as not set", (CI) => {
    expect(requiresIn({ CI }, [missing])).toEqual({ skip: true });
  });

  test.each(["1", "true", "yes"])("fails under CI=%j", (CI) => {
    expect(() => requiresIn({ CI }, [missing])).toThrow(/^no-such-tool is not on PATH: /);
  });
});

describe("a guard on a group", requires("sh"), () => {
  test("runs it where the tool is there", requires("sh"), ({ task }) => {
    expect(task.mode).toBe("run");
  });
});

describe("when", () => {
  test("skips with the reason whatever CI says", () => {
    warn.mockClear();
    expect(when(true, "never seen")).toEqual({});
    expect(when(false, "this machine has no loop devices")).toEqual({ skip: true });
    expect(warn.mock.calls).toEqual([["skipped: this machine has no loop devices"]]);
  });
});
