import { quote, suggest, type YamlDocument, type YamlPath } from "@bootstamp/declaration";
import { compileTemplates, type Compiled } from "./compile-templates.ts";
import type { AsWritten, EditItem } from "./edit-item.ts";
import type { HostFiles } from "./host-files.ts";
import { parseTemplate } from "./parse-template.ts";
import type { EditSource, MatrixExclusion, VariantGroup } from "./spec.ts";
import { addComplaints, type SpecComplaint } from "./spec-error.ts";
import { defaultOutputName, type SpecFile, type VariantItem } from "./spec-file.ts";
import { readTable, type Table } from "./table.ts";
import type { Scope } from "./template-scope.ts";
import type { Template } from "./template.ts";

/** What groups are built from. */
export interface GroupContext {
  readonly document: YamlDocument;
  readonly file: SpecFile;
  readonly files: HostFiles;
  readonly complaints: SpecComplaint[];
}

/** Reads the tables, parses the templates and checks the names in them. What is wrong goes into `complaints`. */
export async function buildGroups(context: GroupContext): Promise<readonly VariantGroup[]> {
  const groups: VariantGroup[] = [];
  for (const [index, variant] of context.file.variants.entries()) {
    const path = ["variants", index];
    try {
      groups.push(buildGroup(context, variant, path, await findTable(context, variant, path)));
    } catch (error) {
      addComplaints(context.complaints, error);
    }
  }
  return groups;
}

function buildGroup(
  context: GroupContext,
  variant: VariantItem,
  path: YamlPath,
  table: Table | undefined,
): VariantGroup {
  const { document, file } = context;
  const matrix = matrixOf(context, variant, path);
  const values = new Map([
    ...plainTexts(context, file.values, ["values"]),
    ...plainTexts(context, variant.values, [...path, "values"]),
  ]);
  const scope: Scope = {
    variant: true,
    row: table?.columns,
    matrix: variant.matrix === undefined ? undefined : new Set(matrix.keys()),
    values: new Set(values.keys()),
    secret: new Set(Object.keys(file.secrets)),
  };
  return {
    position: document.positionOf([...path, "name"]),
    name: compile(context, { ...scope, variant: false }, variant.name, [...path, "name"]),
    outputName: outputName(context, scope),
    ...(table === undefined ? {} : { table }),
    matrix,
    exclude: exclusions(context, variant, path, matrix),
    values,
    edits: [
      ...sources(context, scope, file.edits, ["edits"]),
      ...sources(context, scope, variant.edits, [...path, "edits"]),
    ],
    scope,
  };
}

function compile<Value>(context: GroupContext, scope: Scope, value: Value, path: YamlPath): Compiled<Value> {
  return compileTemplates({ ...context, scope }, value, path);
}

function sources(
  context: GroupContext,
  scope: Scope,
  items: readonly EditItem[],
  path: YamlPath,
): readonly EditSource[] {
  return items.map((item, index) => ({
    position: context.document.positionOf([...path, index]),
    item: compile(context, scope, item, [...path, index]),
  }));
}

function outputName(context: GroupContext, scope: Scope): Template {
  const { name } = context.file.output;
  if (name !== undefined) return compile(context, scope, name, ["output", "name"]);
  return parseTemplate(defaultOutputName, () => context.document.positionOf(["output"]));
}

async function findTable(
  context: GroupContext,
  variant: VariantItem,
  path: YamlPath,
): Promise<Table | undefined> {
  const { document, files, complaints } = context;
  if (variant.table !== undefined && variant.rows !== undefined)
    complaints.push({
      code: "SPEC_VALUE",
      position: document.positionOfKey([...path, "rows"]),
      message: `"table" and "rows": only one can be`,
    });
  if (variant.table !== undefined)
    return readTable(files, variant.table, document.positionOf([...path, "table"]));
  if (variant.rows === undefined) return undefined;
  const rows = variant.rows.map((row, index) => ({
    position: document.positionOf([...path, "rows", index]),
    cells: plainTexts(context, row, [...path, "rows", index]),
  }));
  return { columns: new Set(variant.rows.flatMap((row) => Object.keys(row))), rows };
}

function matrixOf(
  context: GroupContext,
  variant: VariantItem,
  path: YamlPath,
): ReadonlyMap<string, readonly string[]> {
  const axes = Object.entries(variant.matrix ?? {}).map(
    ([key, list]) =>
      [key, list.map((_, index) => plainText(context, [...path, "matrix", key, index]))] as const,
  );
  return new Map(axes);
}

/** Each must name keys and a value of the matrix: one that excludes nothing is a slip. */
function exclusions(
  context: GroupContext,
  variant: VariantItem,
  path: YamlPath,
  matrix: ReadonlyMap<string, readonly string[]>,
): readonly MatrixExclusion[] {
  return (variant.exclude ?? []).map((item, index) => {
    const at = [...path, "exclude", index];
    const values = plainTexts(context, item, at);
    for (const [key, value] of values) {
      if (matrix.get(key)?.includes(value) === true) continue;
      const known = matrix.get(key) ?? [...matrix.keys()];
      const what = matrix.has(key) ? `${quote(value)} is no value of ${key}` : `${quote(key)} is no key`;
      context.complaints.push({
        code: "SPEC_VALUE",
        position: context.document.positionOf([...at, key]),
        message: `${what} in the matrix${suggest(matrix.has(key) ? value : key, known)}`,
      });
    }
    return { position: context.document.positionOf(at), values };
  });
}

function plainTexts(
  context: GroupContext,
  items: Readonly<Record<string, AsWritten>>,
  path: YamlPath,
): ReadonlyMap<string, string> {
  return new Map(Object.keys(items).map((key) => [key, plainText(context, [...path, key])]));
}

/** A "{{" here would travel into an image as it stands, which nobody who writes one expects. */
function plainText({ document, complaints }: GroupContext, path: YamlPath): string {
  const text = document.textAt(path);
  if (text.includes("{{"))
    complaints.push({
      code: "SPEC_TEMPLATE",
      position: document.positionInText(path, text.indexOf("{{")),
      message: `templates are not expanded in values, rows and matrices: "{{" cannot be here`,
    });
  return text;
}
