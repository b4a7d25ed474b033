import * as z from "zod";
import { nouns } from "./schema-parts.ts";
import { addAll } from "./collected-complaints.ts";
import type { Complaint } from "./complaint.ts";
import type { DeclarationKind, Flaw } from "./declaration-kind.ts";
import { suggest } from "./suggestion.ts";
import type { YamlDocument, YamlPath } from "./yaml-document.ts";
import { quote } from "./quote.ts";

/** Of one map: looking for what each may have meant takes its time. */
const unknownKeysDescribed = 100;

interface Context<Code extends string> {
  readonly kind: DeclarationKind<Code>;
  readonly schema: z.core.$ZodType;
  readonly document: YamlDocument;
}

/** Checks a document's value against `schema`; puts every complaint where the value or key is that it is about. */
export function validate<Result, Code extends string>(
  kind: DeclarationKind<Code>,
  schema: z.ZodType<Result>,
  document: YamlDocument,
  complaints: Complaint<Code>[],
): Result | undefined {
  const result = schema.safeParse(document.value);
  if (result.success) return result.data;
  const context = { kind, schema, document };
  for (const issue of result.error.issues) addAll(complaints, describeIssue(context, issue, []));
  return undefined;
}

function describeIssue<Code extends string>(
  context: Context<Code>,
  issue: z.core.$ZodIssue,
  above: YamlPath,
): readonly Complaint<Code>[] {
  const path = [...above, ...issue.path.map((step) => (typeof step === "symbol" ? step.toString() : step))];
  if (issue.code === "unrecognized_keys")
    return issue.keys.slice(0, unknownKeysDescribed).map((key) => unknownKey(context, [...path, key]));
  if (issue.code === "invalid_union") return describeUnion(context, issue, path);
  const value = valueAt(context.document.value, path);
  if (value === undefined && issue.code !== "custom") return [missingKey(context, path)];
  const message =
    issue.code === "invalid_key"
      ? keyMessage(issue)
      : (ownMessage(issue.message) ?? valueMessage(issue, value));
  const isAboutKey =
    issue.code === "invalid_key" || (issue.code === "custom" && issue.params?.["isAboutKey"] === true);
  const position = isAboutKey ? context.document.positionOfKey(path) : context.document.positionOf(path);
  return [{ code: context.kind.codes.value, position, message }];
}

/** Of the ways in which a value may be given, the one that it was nearest to. */
function describeUnion<Code extends string>(
  context: Context<Code>,
  issue: z.core.$ZodIssueInvalidUnion,
  path: YamlPath,
): readonly Complaint<Code>[] {
  const candidates = issue.errors.filter(isOfRightType);
  // a word that it could have been says less than what else is wrong with it
  const near =
    candidates.find((branch) => branch.some(({ code }) => code !== "invalid_value")) ?? candidates[0];
  if (near !== undefined) return near.flatMap((inner) => describeIssue(context, inner, path));
  const value = valueAt(context.document.value, path);
  if (value === undefined) return [missingKey(context, path)];
  const wanted = [...new Set(expectedTypes({ ...issue, path: [] }))];
  return [
    complaint(context, "value", path, `expected ${joinWith("or", wanted)}, got ${describeValue(value)}`),
  ];
}

/** The types that a value as a whole should have had; none when the issue is about something in it. */
function expectedTypes(issue: z.core.$ZodIssue): readonly string[] {
  if (issue.path.length > 0) return [];
  if (issue.code === "invalid_type") return [expected(issue.expected)];
  if (issue.code !== "invalid_union" || issue.errors.some(isOfRightType)) return [];
  return issue.errors.flat().flatMap(expectedTypes);
}

/** Whether a way in which a value may be given asks for a value of the type that it has. */
function isOfRightType(branch: readonly z.core.$ZodIssue[]): boolean {
  return branch.every((inner) => expectedTypes(inner).length === 0);
}

function complaint<Code extends string>(
  context: Context<Code>,
  flaw: Flaw,
  path: YamlPath,
  message: string,
): Complaint<Code> {
  return { code: context.kind.codes[flaw], position: context.document.positionOf(path), message };
}

function missingKey<Code extends string>(context: Context<Code>, path: YamlPath): Complaint<Code> {
  const parent = path.slice(0, -1);
  return complaint(context, "missing-key", parent, `${quote(String(path.at(-1) ?? ""))} is missing`);
}

function unknownKey<Code extends string>(context: Context<Code>, path: YamlPath): Complaint<Code> {
  const key = String(path.at(-1) ?? "");
  const schema = schemaAt(context.schema, path.slice(0, -1));
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  const noun = (schema === undefined ? undefined : nouns.get(schema)?.noun) ?? "key";
  return {
    code: context.kind.codes["unknown-key"],
    position: context.document.positionOfKey(path),
    message: `unknown ${noun} ${quote(key)}${suggest(key, known)}`,
  };
}

/** The schema of the value at `path`; of a union, the part that is a map. */
function schemaAt(root: z.core.$ZodType, path: YamlPath): z.core.$ZodType | undefined {
  let schema: z.core.$ZodType | undefined = unwrap(root);
  for (const step of path) {
    if (schema instanceof z.ZodObject) schema = schema.shape[step];
    else if (schema instanceof z.ZodArray) schema = schema.element;
    else if (schema instanceof z.ZodRecord) schema = schema.valueType;
    else return undefined;
    schema = schema === undefined ? undefined : unwrap(schema);
  }
  return schema;
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return unwrap(schema.unwrap());
  if (schema instanceof z.ZodUnion)
    return schema.options.map(unwrap).find((option) => option instanceof z.ZodObject) ?? schema;
  return schema;
}

function valueAt(root: unknown, path: YamlPath): unknown {
  let value: unknown = root;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = Reflect.get(value, step);
  }
  return value;
}

/** zod's own messages begin with a capital, ours do not. */
function ownMessage(message: string): string | undefined {
  return /^[^A-Z]/.test(message) ? message : undefined;
}

function keyMessage(issue: z.core.$ZodIssueInvalidKey): string {
  return ownMessage(issue.issues[0]?.message ?? "") ?? "this cannot be a key here";
}

function valueMessage(issue: z.core.$ZodIssue, value: unknown): string {
  const got = describeValue(value);
  if (issue.code === "invalid_type") return `expected ${expected(issue.expected)}, got ${got}`;
  if (issue.code === "invalid_value") {
    const known = issue.values.map(String);
    const hint = typeof value === "string" && known.length > 1 ? suggest(value, known) : "";
    return hint.startsWith(",")
      ? `unknown value ${got}${hint}`
      : `expected ${joinWith("or", known)}, got ${got}`;
  }
  if (issue.code === "too_small") return `expected ${issue.minimum} or more, got ${got}`;
  if (issue.code === "too_big") return `expected ${issue.maximum} or less, got ${got}`;
  return `${got} is not possible here`;
}

const typeNames: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
  record: "a map",
};

function expected(type: string): string {
  return typeNames[type] ?? type;
}

function describeValue(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  if (typeof value !== "string") return JSON.stringify(value) ?? "nothing";
  return quote(value);
}

function joinWith(word: string, parts: readonly string[]): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} ${word} ${parts.at(-1)}`;
}
