import { addAll, type YamlDocument, type YamlPath } from "@bootstamp/declaration";
import { AsWritten } from "./edit-item.ts";
import { parseTemplate } from "./parse-template.ts";
import { collect, type SpecComplaint } from "./spec-error.ts";
import { checkNames, type Scope, type SecretUse } from "./template-scope.ts";
import { literalTemplate, type Template } from "./template.ts";

/** `Value` with every text in it as a template; numbers and booleans stay. */
export type Compiled<Value> = Value extends string | AsWritten
  ? Template
  : Value extends readonly (infer Item)[]
    ? readonly Compiled<Item>[]
    : Value extends object
      ? { readonly [Key in keyof Value]: Compiled<Value[Key]> }
      : Value;

/** What the templates of a document are parsed with. */
export interface TemplateContext {
  readonly document: YamlDocument;
  readonly scope: Scope;
  readonly complaints: SpecComplaint[];
}

/**
 * Parses every text below `value`, which is at `path` of the document. What is wrong goes into `complaints`.
 * Secrets are allowed where the key is `content` or `line`.
 */
export function compileTemplates<Value>(
  context: TemplateContext,
  value: Value,
  path: YamlPath,
): Compiled<Value> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- compileAny does to values what Compiled does to types
  return compileAny(context, value, path) as Compiled<Value>;
}

function compileAny(context: TemplateContext, value: unknown, path: YamlPath): unknown {
  if (typeof value === "string" || value instanceof AsWritten) return compileText(context, path);
  if (Array.isArray(value)) return value.map((item, index) => compileAny(context, item, [...path, index]));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, compileAny(context, item, [...path, key])]),
  );
}

const keysWithSecrets: ReadonlySet<string | number> = new Set(["content", "line"]);

function compileText(context: TemplateContext, path: YamlPath): Template {
  const { document, complaints, scope } = context;
  const use: SecretUse = keysWithSecrets.has(path.at(-1) ?? "") ? "allowed" : "refused";
  const text = document.textAt(path);
  const start = document.positionOf(path);
  const template = collect(complaints, () =>
    parseTemplate(text, (index) => document.positionInText(path, index), start),
  );
  if (template !== undefined) addAll(complaints, checkNames(template, scope, use));
  return template ?? literalTemplate(start, text);
}
