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
});
