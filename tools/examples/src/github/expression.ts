// What of GitHub's expressions the example has: docs.github.com, actions/reference/evaluate-expressions.

/** The contexts that an expression may name: `github`, `matrix`, `needs`, ... */
export type Contexts = Readonly<Record<string, unknown>>;

/** Puts the values of all `${{ }}` into a text; one that is nothing else keeps its value's type. */
export function evaluateText(text: string, contexts: Contexts): unknown {
  const whole = /^\$\{\{(.*)\}\}$/.exec(text.trim())?.[1];
  if (whole !== undefined && !whole.includes("${{")) return evaluate(whole, contexts);
  return text.replaceAll(/\$\{\{(.*?)\}\}/g, (_, expression: string) =>
    String(evaluate(expression, contexts)),
  );
}

/** @throws Error for what the example does not have, or a name that stands for nothing. */
export function evaluate(expression: string, contexts: Contexts): unknown {
  const text = expression.trim();
  const comparison = /^(.+?)\s*(==|!=)\s*'([^']*)'$/.exec(text);
  if (comparison !== null) {
    const [, left = "", operator, right] = comparison;
    return (evaluate(left, contexts) === right) === (operator === "==");
  }
  const json = /^fromJSON\((.*)\)$/.exec(text)?.[1];
  if (json !== undefined) return JSON.parse(String(evaluate(json, contexts)));
  return valueAt(text, contexts);
}

function valueAt(path: string, contexts: Contexts): unknown {
  let value: unknown = contexts;
  for (const name of path.split(".")) {
    const found: unknown = isObject(value) ? value[name] : undefined;
    if (found === undefined) throw new Error(`\${{ ${path} }} stands for nothing`);
    value = found;
  }
  return value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
