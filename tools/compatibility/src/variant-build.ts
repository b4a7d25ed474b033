import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "bootstamp";
import type { StreamFormat } from "@bootstamp/witnesses";
import { bootstamp } from "./program.ts";
import { editsOf, type VariantName, variantNames } from "./subjects.ts";

export interface VariantBuildRequest {
  /** The raw base image. */
  readonly image: string;
  /** An empty folder for the spec and what is made of it. */
  readonly folder: string;
  readonly formats: readonly StreamFormat[];
  /** What the spec says under `output.compression.xz`, over the least that it can cost. */
  readonly xz?: Readonly<Record<string, unknown>>;
  /** Edits behind those that every variant has. */
  readonly moreEdits?: readonly object[];
}

export interface VariantBuild {
  readonly manifest: Manifest;
  /** Path of an artifact. */
  readonly artifact: (variant: VariantName, format: StreamFormat) => string;
}

/** Builds both variants of an image in one run of the program. */
export async function buildVariants(request: VariantBuildRequest): Promise<VariantBuild> {
  const { image, folder, formats, xz = {}, moreEdits = [] } = request;
  const spec = {
    version: 1,
    base: { image },
    output: { formats, compression: { xz: { engine: "xz", level: 0, ...xz } } },
    variants: variantNames.map((name) => ({ name, edits: [...editsOf(name), ...moreEdits] })),
  };
  const path = join(folder, "spec.yaml");
  writeFileSync(path, JSON.stringify(spec));
  await bootstamp(["build", path]);
  const out = join(folder, "out");
  const manifest: Manifest = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8"));
  return { manifest, artifact: (variant, format) => join(out, `${variant}.raw.${format}`) };
}
