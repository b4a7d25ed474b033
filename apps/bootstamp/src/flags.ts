import { InvalidArgumentError, Option } from "commander";
import { regionRoles, type RegionChoice, type RegionRole } from "@bootstamp/layout";
import { ProgramError } from "./program-error.ts";
import type { EditOrigin, WordedEdit } from "./commands/stamp-edits.ts";

/** How the help describes an image that is only read. */
export const imageArgument = "an image: raw, qcow2, .gz, .xz or .zst; a path, or an http, https or s3 URL";

/** What says where in an image to look. */
export interface ImageFlags {
  readonly region?: RegionChoice;
  readonly sectorSize?: 512 | 4096;
}

export function regionOption(what = "the partition to edit"): Option {
  const description = `${what}: a label, label=NAME, number=N, type=ID or role=ROLE (default: role=boot)`;
  return new Option("--region <choice>", description).argParser(parseRegion);
}

export function parseRegion(word: string): RegionChoice {
  const equals = word.indexOf("=");
  const key = word.slice(0, Math.max(equals, 0));
  const value = word.slice(equals + 1);
  if (equals === -1 && word !== "") return { label: word };
  if (key === "label" && value !== "") return { label: value };
  if (key === "type" && value !== "") return { type: value };
  if (key === "number") return { number: wholeNumber(value) };
  if (key === "role" && isRole(value)) return { role: value };
  throw new InvalidArgumentError(
    `Expected a label, label=NAME, number=N, type=ID or role=${regionRoles.join("|")}.`,
  );
}

function isRole(word: string): word is RegionRole {
  return regionRoles.some((role) => role === word);
}

export function sectorOption(): Option {
  const description = "512 or 4096, where the image does not tell";
  return new Option("--sector-size <bytes>", description).argParser((word): 512 | 4096 => {
    if (word === "512") return 512;
    if (word === "4096") return 4096;
    throw new InvalidArgumentError("Expected 512 or 4096.");
  });
}

/** As commands take them. */
export function imageOptions({ region, sectorSize }: ImageFlags): {
  region?: RegionChoice;
  sectorLength?: 512 | 4096;
} {
  return {
    ...(region === undefined ? {} : { region }),
    ...(sectorSize === undefined ? {} : { sectorLength: sectorSize }),
  };
}

export function wholeNumber(word: string): number {
  if (!/^\d{1,9}$/.test(word)) throw new InvalidArgumentError("Expected a whole number.");
  return Number(word);
}

/** An option that may be given several times; absent if it is not given, else the list of its words. */
export function listOption(flags: string, description: string): Option {
  return new Option(flags, `${description}; may be repeated`).argParser(
    (word, words: readonly string[] | undefined) => [...(words ?? []), word],
  );
}

/** What `stamp` is told about its edits. */
export interface EditFlags extends Pick<ImageFlags, "region"> {
  readonly spec?: string;
  readonly variant?: string;
  readonly edit?: readonly string[];
  readonly kargAppend?: readonly string[];
  readonly kargDelete?: readonly string[];
  readonly write?: readonly string[];
  readonly fill?: readonly string[];
}

/** @throws ProgramError `USAGE_ARGUMENT` unless it is either a variant of a spec or some edits. */
export function originOf(flags: EditFlags): EditOrigin {
  const { spec, variant, region, edit = [], write = [], fill = [] } = flags;
  const edits = [
    ...edit.map((yaml): WordedEdit => ({ words: `--edit ${JSON.stringify(yaml)}`, yaml })),
    ...kargEdits(flags),
    ...write.map((word) => fileEdit("write", word)),
    ...fill.map((word) => fileEdit("fill", word)),
  ];
  if (spec === undefined && variant === undefined) {
    if (edits.length > 0) return { edits, region };
    throw usage("nothing to stamp: name a --spec with a --variant, or edits");
  }
  if (spec === undefined || variant === undefined) throw usage("--spec and --variant go together");
  if (edits.length > 0) throw usage("edits come from --spec or from the command line, not from both");
  if (region !== undefined) throw usage(`--region is for edits on the command line: ${spec} says its own`);
  return { specPath: spec, variant };
}

function kargEdits({ kargAppend = [], kargDelete = [] }: EditFlags): WordedEdit[] {
  if (kargAppend.length === 0 && kargDelete.length === 0) return [];
  const words = [
    ...kargAppend.map((each) => `--karg-append ${each}`),
    ...kargDelete.map((each) => `--karg-delete ${each}`),
  ].join(" ");
  const lists = {
    ...(kargAppend.length === 0 ? {} : { append: kargAppend }),
    ...(kargDelete.length === 0 ? {} : { delete: kargDelete }),
  };
  return [{ words, yaml: `kargs: ${JSON.stringify(lists)}` }];
}

function fileEdit(verb: "write" | "fill", word: string): WordedEdit {
  const at = word.indexOf("=");
  if (at <= 0) throw usage(`--${verb} takes PATH=FILE, got ${JSON.stringify(word)}`);
  const item = { path: word.slice(0, at), file: word.slice(at + 1) };
  return { words: `--${verb} ${word}`, yaml: `${verb}: ${JSON.stringify(item)}` };
}

/** SOURCE_DATE_EPOCH as reproducible builds define it: seconds since 1970; absent if it is not set. */
export function clockOf(environment: Readonly<Record<string, string | undefined>>): { clock?: number } {
  const text = environment["SOURCE_DATE_EPOCH"] ?? "";
  if (text === "") return {};
  if (!/^\d{1,12}$/.test(text)) {
    throw usage(`SOURCE_DATE_EPOCH is ${JSON.stringify(text)}, expected seconds since 1970`);
  }
  return { clock: Number(text) };
}

function usage(message: string): ProgramError {
  return new ProgramError("USAGE_ARGUMENT", message);
}
