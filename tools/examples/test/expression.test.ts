import { expect, test } from "vitest";
import { evaluate, evaluateText } from "../src/github/expression.ts";

const contexts = {
  github: { ref: "refs/heads/main" },
  needs: { deal: { outputs: { "the-matrix": '{"a":["b"]}' } } },
};

test("expressions come to what GitHub makes of them", () => {
  expect(evaluate("github.ref == 'refs/heads/main'", contexts)).toBe(true);
  expect(evaluate("github.ref != 'refs/heads/main'", contexts)).toBe(false);
  expect(evaluateText("${{ fromJSON(needs.deal.outputs.the-matrix) }}", contexts)).toEqual({ a: ["b"] });
  expect(evaluateText("at ${{ github.ref }}, ${{ github.ref }}", contexts)).toBe(
    "at refs/heads/main, refs/heads/main",
  );
  expect(() => evaluate("github.nothing", contexts)).toThrow("stands for nothing");
});
