import {
  expandVariants,
  loadSpec,
  renderVariant,
  SpecError,
  type LoadSpecOptions,
  type RenderedVariant,
} from "@bootstamp/variants";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** Files by path below a scratch folder. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** A folder with `files`, gone when the test ends. */
export function scratch(files: Files = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "bootstamp-variants-")));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

/** The beginning that every spec needs. */
export const head = "version: 1\nbase: { image: base.raw }\n";

/** Renders every variant of a spec that stands in a scratch folder, beside `files`. */
export async function render(
  spec: string,
  files: Files = {},
  options: LoadSpecOptions = { environment: {} },
): Promise<readonly RenderedVariant[]> {
  const loaded = await loadSpec(join(scratch({ "spec.yaml": spec, ...files }), "spec.yaml"), options);
  const rendered: RenderedVariant[] = [];
  for (const plan of expandVariants(loaded)) rendered.push(await renderVariant(loaded, plan));
  return rendered;
}

/** The lines that a spec is refused with, without the scratch folder. */
export async function complaints(
  spec: string | Uint8Array,
  files: Files = {},
  options: LoadSpecOptions = { environment: {} },
): Promise<readonly string[]> {
  const folder = scratch({ "spec.yaml": spec, ...files });
  try {
    const loaded = await loadSpec(join(folder, "spec.yaml"), options);
    for (const plan of expandVariants(loaded)) await renderVariant(loaded, plan);
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    return error.message.replaceAll(`${folder}/`, "").split("\n");
  }
  return [];
}

/** The text that a template comes to as the content of a file, in a variant called `pi`. */
export async function contentOf(
  template: string,
  extra: string = "",
  options: LoadSpecOptions = {},
): Promise<string> {
  const spec = `${head}variants:\n  - name: pi\n${extra}    edits:\n      - write: { path: /f, template: t }\n`;
  const [variant] = await render(spec, { t: template }, { environment: {}, ...options });
  const edit = variant?.edits[0];
  return edit?.verb === "write" ? new TextDecoder().decode(edit.content) : "";
}

/** A pattern for the one line that `expected` is, or that it fits. */
export function linePattern(expected: string | RegExp, before: string, after: string): RegExp {
  if (typeof expected !== "string") return expected;
  return new RegExp(
    `^${`${before}${expected}${after}`.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)}$`,
  );
}
