import {
  addAll,
  addCaught,
  DeclarationError,
  formatComplaint,
  refuseAll,
  type Complaint,
} from "@bootstamp/declaration";
import { expect, test } from "vitest";
import { gardenKind, GardenError } from "./garden.ts";

function complaintAt(line: number, file = "g"): Complaint<"GARDEN_VALUE"> {
  return { code: "GARDEN_VALUE", position: { file, line, column: 1 }, message: `fault ${line}` };
}

function caught(work: () => void): DeclarationError {
  try {
    work();
  } catch (error) {
    if (error instanceof DeclarationError) return error;
  }
  throw new Error("no declaration error was thrown");
}

test("complaints are sorted by file and place, and none is there twice", () => {
  const error = caught(() =>
    refuseAll(gardenKind, [complaintAt(3), complaintAt(1), complaintAt(3), complaintAt(2, "a")]),
  );
  expect(error).toBeInstanceOf(GardenError);
  expect(error.message).toBe("a:2:1: fault 2\ng:1:1: fault 1\ng:3:1: fault 3");
  expect(error.fields).toEqual({ file: "a", line: 2, column: 1, complaints: 3 });
  expect(error.complaints.map(formatComplaint).join("\n")).toBe(error.message);
});

test("nothing to complain of is no error", () => {
  expect(() => refuseAll(gardenKind, [])).not.toThrow();
});

test("twenty are shown, a thousand kept, and all counted", () => {
  const error = caught(() =>
    refuseAll(
      gardenKind,
      Array.from({ length: 1500 }, (_, line) => complaintAt(line + 1)),
    ),
  );
  expect(error.complaints).toHaveLength(1000);
  expect(error.message.split("\n")).toHaveLength(21);
  expect(error.message).toMatch(/\nand 1480 more$/);
});

test("a caught error's complaints are added, in other words when asked; other errors pass", () => {
  const complaints: Complaint<never>[] = [];
  addCaught(
    gardenKind,
    complaints as never,
    new GardenError([complaintAt(7)]),
    ({ message }) => `row 1: ${message}`,
  );
  addAll(complaints, []);
  expect(complaints).toEqual([{ ...complaintAt(7), message: "row 1: fault 7" }]);
  expect(() => addCaught(gardenKind, [], new TypeError("else"))).toThrow(TypeError);
});
