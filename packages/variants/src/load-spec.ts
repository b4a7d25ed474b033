import { parseYaml, validate, type YamlDocument } from "@bootstamp/declaration";
import type { RegionChoice } from "@bootstamp/layout";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { buildGroups } from "./build-groups.ts";
import { compileTemplates } from "./compile-templates.ts";
import { decodeText, HostFiles, refuseUnreadable } from "./host-files.ts";
import { publishChoices } from "./publish-choice.ts";
import { storeChoice } from "./store-choice.ts";
import { SecretStore, type Environment, type SecretSource } from "./secret-store.ts";
import type { BaseChoice, CompressionChoice, OutputChoice, Spec, VariantGroup } from "./spec.ts";
import { refuse, specError, specKind, type SpecComplaint, type SpecPosition } from "./spec-error.ts";
import type { CompressionItem, OutputItem, RegionItem, SpecFile } from "./spec-file.ts";
import { defaultKnownNames, specSchema, type KnownNames } from "./spec-schema.ts";
import type { Scope } from "./template-scope.ts";

/** What a spec is read with. */
export interface LoadSpecOptions {
  /** What the program can do; default {@link defaultKnownNames}. */
  readonly names?: KnownNames;
  /** Where secrets with `env` come from; default `process.env`. Nothing else of it is read. */
  readonly environment?: Environment;
}

/** Larger tables belong into a CSV file, which is cheaper to read. */
const specLengthLimit = 4 << 20;

/**
 * Reads and checks a spec with its tables; what its edits name is read when variants are rendered.
 *
 * @throws SpecError with every complaint that was found: all of the syntax, else all of the keys and values, else all
 * of the tables and templates.
 */
export async function loadSpec(path: string, options: LoadSpecOptions = {}): Promise<Spec> {
  const position = { file: path, line: 1, column: 1 };
  const bytes = await readSpec(path, position);
  if (bytes.length > specLengthLimit)
    throw specError(
      "SPEC_TOO_LARGE",
      position,
      `a spec has at most ${specLengthLimit} bytes; long tables can be CSV files`,
    );
  return parseSpec(path, decodeText(bytes, path, position), options);
}

/** {@link loadSpec} of a text that has been read: `path` says in which folder it stands and what messages call it. */
export async function parseSpec(path: string, text: string, options: LoadSpecOptions = {}): Promise<Spec> {
  const complaints: SpecComplaint[] = [];
  const document = parseYaml(specKind, path, text);
  if (document.value === null) throw specError("SPEC_SYNTAX", document.positionOf([]), "the spec is empty");
  const file = validate(specKind, specSchema(options.names ?? defaultKnownNames), document, complaints);
  refuse(complaints);
  if (file === undefined) throw new Error("internal error: a spec that is wrong without a complaint");
  const allowed = file["allow-paths"].map((each, index) => ({
    path: each,
    position: document.positionOf(["allow-paths", index]),
  }));
  const files = await HostFiles.open({ path: dirname(path), position: document.positionOf([]) }, allowed);
  const groups = await buildGroups({ document, file, files, complaints });
  const store = storeChoice(file, document, complaints);
  const publish = publishChoices(file, document, complaints);
  const sources = secretSources(file, document, groups, complaints);
  refuse(complaints);
  return {
    file: path,
    directory: files.directory,
    base: baseChoice(file, document, files),
    region: regionChoice(file.region),
    store,
    output: outputChoice(file, document, files),
    publish,
    groups,
    files,
    secrets: new SecretStore(sources, options.environment ?? process.env, files),
  };
}

async function readSpec(path: string, position: SpecPosition): Promise<Uint8Array> {
  const refuseReading = (error: unknown): never => refuseUnreadable(position, path, error);
  // Without waiting for someone who writes to a FIFO.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(refuseReading);
  try {
    const stats = await handle.stat();
    if (stats.isFile() || stats.isDirectory()) return await readLimited(handle).catch(refuseReading);
    throw specError("SPEC_UNREADABLE", position, `${path} is no ordinary file`);
  } finally {
    await handle.close();
  }
}

/** One more byte than fits is enough to know, also of a file that grows. */
async function readLimited(handle: FileHandle): Promise<Uint8Array> {
  const buffer = new Uint8Array(specLengthLimit + 1);
  let length = 0;
  for (let bytesRead = 1; bytesRead > 0 && length < buffer.length; length += bytesRead)
    ({ bytesRead } = await handle.read(buffer, length, buffer.length - length));
  return buffer.subarray(0, length);
}

function baseChoice({ base }: SpecFile, document: YamlDocument, { directory }: HostFiles): BaseChoice {
  return {
    image: isUrl(base.image) ? base.image : resolve(directory, base.image),
    position: document.positionOf(["base", "image"]),
    ...(base.sha256 === undefined ? {} : { sha256: base.sha256.toLowerCase() }),
    ...(base["sector-size"] === undefined ? {} : { sectorSize: base["sector-size"] }),
  };
}

/** Of the kinds that images are read from. */
function isUrl(image: string): boolean {
  return /^(https?|s3):\/\//i.test(image);
}

function regionChoice({ label, number, type, role = "boot" }: RegionItem): RegionChoice {
  if (label !== undefined) return { label };
  if (number !== undefined) return { number };
  return type === undefined ? { role } : { type };
}

function outputChoice({ output }: SpecFile, document: YamlDocument, { directory }: HostFiles): OutputChoice {
  return {
    directory: resolve(directory, output.directory),
    position: document.positionOf(["output", "directory"]),
    formats: output.formats,
    digests: output.digests,
    bmap: output.bmap,
    stamps: output.stamps,
    compression: compressionChoices(output),
  };
}

function compressionChoices({ compression }: OutputItem): ReadonlyMap<string, CompressionChoice> {
  return new Map(
    Object.entries(compression).map(([format, item]) => [format, compressionChoice(item ?? {})]),
  );
}

function compressionChoice({ engine, level, extreme, check }: CompressionItem): CompressionChoice {
  return {
    ...(engine === undefined ? {} : { engine }),
    ...(level === undefined ? {} : { level }),
    ...(extreme === undefined ? {} : { extreme }),
    ...(check === undefined ? {} : { check }),
  };
}

/** A secret's path may use the names of those variants that use the secret: here, of any. */
function secretSources(
  { secrets }: SpecFile,
  document: YamlDocument,
  groups: readonly VariantGroup[],
  complaints: SpecComplaint[],
): ReadonlyMap<string, SecretSource> {
  const scope = { ...unionOf(groups.map((group) => group.scope)), secret: new Set<string>() };
  const sources = Object.entries(secrets).map(([name, { env, file = "" }]): [string, SecretSource] => {
    const path = ["secrets", name];
    const position = document.positionOf(path);
    if (env !== undefined) return [name, { position, variable: env }];
    return [
      name,
      { position, path: compileTemplates({ document, scope, complaints }, file, [...path, "file"]) },
    ];
  });
  return new Map(sources);
}

function unionOf(scopes: readonly Scope[]): Scope {
  return {
    variant: true,
    row: union(scopes.map(({ row }) => row)),
    matrix: union(scopes.map(({ matrix }) => matrix)),
    values: union(scopes.map(({ values }) => values)),
    secret: union(scopes.map(({ secret }) => secret)),
  };
}

function union(sets: readonly (ReadonlySet<string> | undefined)[]): ReadonlySet<string> {
  return new Set(sets.flatMap((set) => [...(set ?? [])]));
}
