import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import { resolve } from "node:path";
import { openEditor, type Edit } from "@bootstamp/bootfs";
import type { RegionChoice } from "@bootstamp/layout";
import { stampFile, streamStamped } from "@bootstamp/stamp";
import { expandVariants, loadSpec, parseSpec, renderVariant, type Spec } from "@bootstamp/variants";
import { BuildError } from "../build/build-error.ts";
import { hexOfCrc32 } from "../build/manifest.ts";
import { knownNames } from "../formats.ts";
import { openImage, readLayout, regionOf, type OpenImage, type PackedImage } from "../open-image.ts";
import { durationText, sizeText } from "../report/quantity.ts";
import type { Reporter } from "../report/reporter.ts";

/** Where the edits come from: one variant of a spec, or edits as the command line has them. */
export type EditOrigin =
  | { readonly specPath: string; readonly variant: string }
  /** Each the YAML of one edit, such as `kargs: { append: [quiet] }`. */
  | { readonly edits: readonly string[]; readonly region?: RegionChoice };

export interface StampOptions {
  /** The stampable image. */
  readonly base: string;
  /** The artifact to make; `-` is standard output. */
  readonly output: string;
  readonly origin: EditOrigin;
  readonly sectorLength?: 512 | 4096;
  readonly clock?: number;
}

/** Stamps one variant out of a stampable image, without the raw base. */
export async function stamp(options: StampOptions, reporter: Reporter, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  const { edits, region } = await readEdits(options.origin);
  const image = await openImage(options.base);
  try {
    const { packed } = image;
    if (packed === undefined) {
      throw new BuildError("USAGE_NOT_AN_IMAGE", `${options.base} is not a stampable image`, {
        path: options.base,
      });
    }
    const patch = await editImage(image, edits, region, options);
    if (options.output === "-") {
      await writeOut(image, packed, patch, signal);
      return;
    }
    const { format, map } = packed;
    const stamped = await stampFile({
      format,
      map,
      stampable: image.file,
      patch,
      output: options.output,
      signal,
    });
    const seconds = (performance.now() - started) / 1000;
    const rawCrc32 = stamped.rawCrc32 === undefined ? {} : { rawCrc32: hexOfCrc32(stamped.rawCrc32) };
    reporter.tell({ event: "stamped", path: options.output, length: stamped.length, ...rawCrc32, seconds }, [
      `stamped   ${options.output}, ${sizeText(stamped.length)}, in ${durationText(seconds)}`,
    ]);
  } finally {
    image.file.close();
    reporter.settle();
  }
}

interface ReadEdits {
  readonly edits: readonly Edit[];
  readonly region: RegionChoice;
}

async function readEdits(origin: EditOrigin): Promise<ReadEdits> {
  if ("edits" in origin) {
    const spec = await parseSpec(resolve("command-line"), specTextOf(origin.edits, origin.region), {
      names: knownNames,
    });
    return await renderNamed(spec, "stamped");
  }
  return await renderNamed(await loadSpec(origin.specPath, { names: knownNames }), origin.variant);
}

async function renderNamed(spec: Spec, name: string): Promise<ReadEdits> {
  const plans = expandVariants(spec);
  const plan = plans.find((each) => each.name === name);
  if (plan === undefined) {
    const names = plans
      .slice(0, 20)
      .map((each) => each.name)
      .join(", ");
    throw new BuildError(
      "USAGE_ARGUMENT",
      `${spec.file} has no variant ${JSON.stringify(name)}; it has ${names}`,
      {
        name,
      },
    );
  }
  return { edits: (await renderVariant(spec, plan)).edits, region: spec.region };
}

/** A spec that says what the command line says, so that both are read by the same rules. */
function specTextOf(edits: readonly string[], region: RegionChoice | undefined): string {
  for (const edit of edits.filter((each) => /[\r\n]/.test(each))) {
    throw new BuildError(
      "USAGE_ARGUMENT",
      `an edit on the command line is one line: ${JSON.stringify(edit)}`,
      { edit },
    );
  }
  return [
    "version: 1",
    "base: { image: stampable }",
    `region: ${JSON.stringify(region ?? { role: "boot" })}`,
    "output: { directory: ., name: stamped }",
    "allow-paths: [/]",
    "variants: [{ name: stamped, edits: [",
    ...edits.map((edit) => `{ ${edit} },`),
    "] }]",
  ].join("\n");
}

async function editImage(
  image: OpenImage,
  edits: readonly Edit[],
  choice: RegionChoice,
  options: StampOptions,
) {
  const layout = await readLayout(image.raw, options.sectorLength);
  const { offset, length } = regionOf(layout, choice);
  const editor = openEditor({ threads: 1 });
  try {
    const { patch } = await editor.edit({
      source: image.raw,
      region: { offset, length },
      sectorLength: layout.table.sectorLength,
      edits,
      ...(options.clock === undefined ? {} : { clock: options.clock }),
    });
    return patch;
  } finally {
    await editor.close();
  }
}

async function writeOut(
  { file }: OpenImage,
  { format, map }: PackedImage,
  patch: Awaited<ReturnType<typeof editImage>>,
  signal: AbortSignal,
): Promise<void> {
  const stream = streamStamped({ format, map, stampable: file, patch });
  await pipeline(Readable.from(stream), process.stdout, { signal, end: false });
}
