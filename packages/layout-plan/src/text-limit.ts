import { LayoutPlanError } from "./layout-plan-error.ts";

/** A thousand partitions, each on a line of its own, fit in this; damaged YAML of this length is refused in seconds. */
const longestText = 256 << 10;

/** @throws LayoutPlanError PLAN_TOO_LARGE where texts are longer, all together, than any layout has to be. */
export function refuseLong(texts: readonly { readonly path: string; readonly text: string }[]): void {
  const [first] = texts;
  const length = texts.reduce((sum, { text }) => sum + text.length, 0);
  if (first === undefined || length <= longestText) return;
  const position = { file: first.path, line: 1, column: 1 };
  const message = `a layout has at most ${longestText} characters, got ${length}`;
  throw new LayoutPlanError([{ code: "PLAN_TOO_LARGE", position, message }]);
}
