import type { TreeEntry } from "@bootstamp/bootfs";
import { positionsIn, quote } from "@bootstamp/declaration";
import { BoundedCache } from "./bounded-cache.ts";
import type { Compiled } from "./compile-templates.ts";
import type { ContentItem } from "./edit-item.ts";
import type { VariantPlan } from "./expand-variants.ts";
import { decodeText } from "./host-files.ts";
import { readHostTree } from "./host-tree.ts";
import { imagePathFault } from "./image-path.ts";
import { parseTemplate } from "./parse-template.ts";
import { renderTemplate, type Rendered } from "./render-template.ts";
import type { Secret } from "./secret.ts";
import type { Spec, VariantGroup } from "./spec.ts";
import { refuse, specError } from "./spec-error.ts";
import { checkNames } from "./template-scope.ts";
import type { Template } from "./template.ts";

/** Bytes for a file in the image. */
export interface RenderedContent {
  /** Possibly shared between variants: not to be written to. */
  readonly bytes: Uint8Array;
  /** True when they hold a secret. */
  readonly secret: boolean;
}

/** What edits are rendered with, for one variant. All of it rejects with SpecError. */
export interface EditTools {
  readonly variant: string;
  /** The text of a template, which may hold a secret. */
  readonly text: (template: Template) => Promise<Rendered>;
  /** The text of a template that cannot hold a secret: its names have been checked. */
  readonly plain: (template: Template) => string;
  /** A path in the image. */
  readonly path: (template: Template) => string;
  readonly content: (item: Compiled<ContentItem>) => Promise<RenderedContent>;
  /** A file or folder of the host. */
  readonly tree: (template: Template) => Promise<readonly TreeEntry[]>;
  /** What secrets have come to in the texts so far. */
  readonly secrets: readonly Secret[];
}

export function editTools(spec: Spec, plan: VariantPlan): EditTools {
  const { files } = spec;
  const plain = (template: Template) => renderTemplate(template, plan.bindings).text;
  const secrets: Secret[] = [];
  const text = async (template: Template) => {
    const known = await spec.secrets.secretsOf(template, plan.bindings, plan.group.scope);
    const rendered = renderTemplate(template, plan.bindings, known);
    secrets.push(...rendered.secrets);
    return rendered;
  };
  return {
    variant: plan.name,
    text,
    plain,
    secrets,
    path: (template) => imagePath(template, plain(template)),
    tree: (template) => readHostTree(files, plain(template), template.position),
    content: async (item) => {
      if (item.content !== undefined) return encode(await text(item.content));
      if (item.template !== undefined)
        return encode(await text(await templateFile(spec, plan.group, item.template, plain)));
      if (item.file === undefined) throw new Error("internal error: contents from nowhere");
      return { bytes: await files.read(plain(item.file), item.file.position), secret: false };
    },
  };
}

function encode({ text, secret }: Rendered): RenderedContent {
  return { bytes: new TextEncoder().encode(text), secret };
}

function imagePath(template: Template, path: string): string {
  const fault = imagePathFault(path);
  if (fault !== undefined)
    throw specError("SPEC_EDIT", template.position, `the path ${quote(path)} ${fault}`);
  return path;
}

const cachedTemplatesLength = 8 << 20;

interface FileTemplate {
  readonly template: Template;
  readonly length: number;
}

/** Parsed once per group: names are checked against what the group's variants have. */
const templates = new WeakMap<VariantGroup, BoundedCache<FileTemplate>>();

async function templateFile(
  spec: Spec,
  group: VariantGroup,
  source: Template,
  plain: (template: Template) => string,
): Promise<Template> {
  const path = plain(source);
  const { real, shown } = await spec.files.resolve(path, source.position);
  const kept =
    templates.get(group) ?? new BoundedCache<FileTemplate>(cachedTemplatesLength, ({ length }) => length);
  templates.set(group, kept);
  const { template } = await kept.get(real, async () => {
    const text = decodeText(await spec.files.read(path, source.position), shown, source.position);
    const parsed = parseTemplate(text, positionsIn(shown, text));
    refuse(checkNames(parsed, group.scope, "allowed"));
    return { template: parsed, length: text.length };
  });
  return template;
}
