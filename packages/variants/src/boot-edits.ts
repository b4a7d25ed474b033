import { BootConfigError, cloudInitFiles, ignitionFiles, type SeedFile } from "@bootstamp/boot-config";
import type { ConfigTxtEntry, KargsEdit, KargsReplacement } from "@bootstamp/bootfs";
import { hasUnprintable, JsonFault, parseStrictJson, quote } from "@bootstamp/declaration";
import { createHash } from "node:crypto";
import type { Compiled } from "./compile-templates.ts";
import type { AsWritten, ContentItem, EditItems, KargsReplacementItem } from "./edit-item.ts";
import type { EditTools, RenderedContent } from "./edit-tools.ts";
import { shown, writeFile, type RenderedEdit } from "./file-edits.ts";
import { splitArguments } from "./split-arguments.ts";
import { specError, type SpecPosition } from "./spec-error.ts";
import type { Template } from "./template.ts";

type Item<Verb extends keyof EditItems> = Compiled<EditItems[Verb]>;

const kargsLists = [
  ["append", "append"],
  ["append-if-missing", "appendIfMissing"],
  ["delete", "delete"],
  ["delete-if-present", "deleteIfPresent"],
] as const;

/** Nothing when all that was asked for comes to nothing, as an empty cell does. */
export function renderKargs(item: Item<"kargs">, tools: EditTools): readonly RenderedEdit[] {
  const lists = kargsLists.flatMap(([key, name]) => {
    const items = (item[key] ?? []).flatMap((template) => kernelArguments(template, tools));
    return items.length === 0 ? [] : [{ key, name, items }];
  });
  const replace = (item.replace ?? []).flatMap((each) => replacements(each, tools));
  if (lists.length === 0 && replace.length === 0) return [];
  const edit: KargsEdit = {
    verb: "kargs",
    ...Object.fromEntries(lists.map(({ name, items }) => [name, items])),
    ...(replace.length === 0 ? {} : { replace }),
    ...(item.paths === undefined ? {} : { paths: item.paths.map(tools.path) }),
  };
  const changes = lists.map(({ key, items }) => `${key} ${items.join(" ")}`);
  if (replace.length > 0) changes.push(`replace ${replace.map(replacementText).join(" ")}`);
  return [shown(edit, changes.join("; "))];
}

function kernelArguments(template: Template, tools: EditTools): readonly string[] {
  return splitArguments(tools.plain(template), template.position);
}

function replacements(
  item: Compiled<AsWritten | KargsReplacementItem>,
  tools: EditTools,
): readonly KargsReplacement[] {
  if ("parts" in item) return kernelArguments(item, tools);
  const old = item.old === undefined ? {} : { old: part(item.old, tools) };
  return [{ key: part(item.key, tools), ...old, new: part(item.new, tools) }];
}

function part(template: Template, tools: EditTools): string {
  const text = tools.plain(template);
  if (text === "" || hasUnprintable(text))
    throw specError("SPEC_EDIT", template.position, `${quote(text)} is no part of a kernel argument`);
  return text;
}

function replacementText(each: KargsReplacement): string {
  if (typeof each === "string") return each;
  return [each.key, ...(each.old === undefined ? [] : [each.old]), each.new].join("=");
}

export function renderGrubenv(item: Item<"grubenv">, tools: EditTools): RenderedEdit {
  const set = Object.entries(item.set ?? {}).map(([key, value]) => [key, tools.plain(value)] as const);
  const unset = (item.unset ?? []).map(tools.plain);
  const changes = [...set.map(([key, value]) => `${key}=${value}`), ...unset.map((key) => `-${key}`)];
  return shown(
    {
      verb: "grubenv",
      ...(item.path === undefined ? {} : { path: tools.path(item.path) }),
      ...(set.length === 0 ? {} : { set: Object.fromEntries(set) }),
      ...(unset.length === 0 ? {} : { unset }),
    },
    changes.join(" "),
  );
}

export function renderConfigTxt(item: Item<"config-txt">, tools: EditTools): RenderedEdit {
  const section = item.section === undefined ? undefined : tools.plain(item.section);
  const set = Object.entries(item.set ?? {}).flatMap(([key, value]) =>
    (Array.isArray(value) ? value : [value]).map((each: Template) =>
      entryOf(section, key, tools.plain(each)),
    ),
  );
  const entriesOf = (list: readonly Template[] = []): ConfigTxtEntry[] =>
    list.map((each) => parseEntry(section, tools.plain(each)));
  const remove = entriesOf(item.remove);
  const removeIfPresent = entriesOf(item["remove-if-present"]);
  const removed = [...remove, ...removeIfPresent].map((entry) => `-${entryText(entry)}`);
  const changes = [...set.map(entryText), ...removed];
  return shown(
    {
      verb: "config-txt",
      ...(item.path === undefined ? {} : { path: tools.path(item.path) }),
      ...(set.length === 0 ? {} : { set }),
      ...(remove.length === 0 ? {} : { remove }),
      ...(removeIfPresent.length === 0 ? {} : { removeIfPresent }),
    },
    changes.join(" "),
  );
}

/** `key` or `key=value`. */
function parseEntry(section: string | undefined, text: string): ConfigTxtEntry {
  const equals = text.indexOf("=");
  return equals === -1
    ? entryOf(section, text, undefined)
    : entryOf(section, text.slice(0, equals), text.slice(equals + 1));
}

function entryOf(section: string | undefined, key: string, value: string | undefined): ConfigTxtEntry {
  return {
    ...(section === undefined ? {} : { section }),
    key,
    ...(value === undefined ? {} : { value }),
  };
}

function entryText({ section, key, value }: ConfigTxtEntry): string {
  return `${section === undefined ? "" : `[${section}]`}${key}${value === undefined ? "" : `=${value}`}`;
}

export async function renderIgnition(
  item: Item<"ignition">,
  tools: EditTools,
): Promise<readonly RenderedEdit[]> {
  const config = await tools.content(item);
  const position = sourcePosition(item);
  return seedEdits(() => ignitionFiles(config.bytes), position, [config], config.bytes);
}

export async function renderCloudInit(
  item: Item<"cloud-init">,
  tools: EditTools,
): Promise<readonly RenderedEdit[]> {
  const at = item.path === undefined ? "" : tools.path(item.path).slice(1);
  const userData = await tools.content(item["user-data"]);
  const metaData = item["meta-data"] && (await tools.content(item["meta-data"]));
  const network = item["network-config"] && (await tools.content(item["network-config"]));
  const contents = [userData, metaData, network].filter((content) => content !== undefined);
  const seed = {
    at,
    userData: userData.bytes,
    ...(metaData === undefined ? {} : { metaData: utf8(metaData, item["meta-data"]) }),
    ...(network === undefined ? {} : { networkConfig: utf8(network, item["network-config"]) }),
    instanceId: instanceId(tools.variant, contents),
  };
  return seedEdits(() => cloudInitFiles(seed), sourcePosition(item["user-data"]), contents);
}

/**
 * The same for the same variant, another when its seed changes: cloud-init takes a new instance-id for a new machine.
 * Every user of the machine can read it, so contents with a secret do not go in: a short one could be guessed.
 */
function instanceId(variant: string, contents: readonly RenderedContent[]): string {
  const hash = createHash("sha256").update(variant);
  for (const { bytes, secret } of contents) if (!secret) hash.update("\0").update(bytes);
  return `iid-${hash.digest("hex").slice(0, 16)}`;
}

function seedEdits(
  files: () => readonly SeedFile[],
  position: SpecPosition,
  contents: readonly RenderedContent[],
  json?: Uint8Array,
): readonly RenderedEdit[] {
  const secret = contents.some((content) => content.secret);
  try {
    return files().map(({ path, content, mode, directoryMode }) =>
      writeFile(
        `/${path}`,
        { bytes: content, secret },
        { mode, ...(directoryMode === undefined ? {} : { parentMode: directoryMode }) },
      ),
    );
  } catch (error) {
    if (!(error instanceof BootConfigError)) throw error;
    // Without its cause, and with a secret near without quotations: they may hold the secret.
    const message = secret ? error.message.replaceAll(/"(?:[^"\\]|\\.){0,1000}"/gs, '"..."') : error.message;
    throw specError("SPEC_EDIT", position, message + jsonFaultIn(json));
  }
}

/** Where in rendered JSON the fault is: the spec's own lines do not tell. */
function jsonFaultIn(json: Uint8Array | undefined): string {
  if (json === undefined) return "";
  const text = new TextDecoder().decode(json);
  try {
    parseStrictJson(text);
    return "";
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    const before = text.slice(0, error.offset).split("\n");
    return `: line ${before.length}, column ${(before.at(-1) ?? "").length + 1} of what was rendered: ${error.message}`;
  }
}

function utf8({ bytes }: RenderedContent, item: Compiled<ContentItem> | undefined): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw specError(
      "SPEC_EDIT",
      sourcePosition(item ?? {}),
      "this part of a cloud-init seed must be UTF-8 text",
    );
  }
}

function sourcePosition({ content, template, file }: Compiled<ContentItem>): SpecPosition {
  const source = content ?? template ?? file;
  if (source === undefined) throw new Error("internal error: contents from nowhere");
  return source.position;
}
