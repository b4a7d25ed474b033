import { openSync } from "node:fs";
import { Fault, packFault, unpackFault } from "@bootstamp/fault";
import { expect, test } from "vitest";

class TestError extends Fault<"TEST_A"> {}

test("a fault carries code, fields and cause", () => {
  const cause = new Error("below");
  const fault = new TestError("TEST_A", "reading x: got 1, expected 2", { got: 1 }, { cause });
  expect(fault).toBeInstanceOf(Error);
  expect(fault).toMatchObject({ name: "TestError", code: "TEST_A", fields: { got: 1 }, cause });
});

test("a fault keeps code, message and fields between threads", () => {
  const packed = structuredClone(packFault(new TestError("TEST_A", "no", { list: ["a"] })));
  expect(unpackFault(packed)).toMatchObject({ code: "TEST_A", message: "no", fields: { list: ["a"] } });
  expect(packFault("plain").code).toBe("UNFORESEEN");
  expect(unpackFault(packFault(new TypeError("a bug")))).toMatchObject({
    code: "UNFORESEEN",
    message: "a bug",
  });
});

test("an error of the system says between threads, as a clone and as text, what the system said", () => {
  const packed = packFault(thrown(() => openSync("/nowhere/at/all", "r")));
  for (const arrived of [structuredClone(packed), JSON.parse(JSON.stringify(packed)) as typeof packed]) {
    const error = unpackFault(arrived);
    expect(error).not.toBeInstanceOf(Fault);
    expect(error).toMatchObject({ code: "ENOENT", syscall: "open", stack: packed.stack });
    expect(error.message).toContain("/nowhere/at/all");
  }
});

function thrown(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}
