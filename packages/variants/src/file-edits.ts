import type { Edit, Ownership } from "@bootstamp/bootfs";
import { hasUnprintable, quote } from "@bootstamp/declaration";
import type { Compiled } from "./compile-templates.ts";
import type { EditItems } from "./edit-item.ts";
import type { EditTools, RenderedContent } from "./edit-tools.ts";
import { specError } from "./spec-error.ts";
import type { Template } from "./template.ts";

/** An edit of a variant, and what may be told of it. */
export interface RenderedEdit {
  readonly edit: Edit;
  /** One line without any content, for plans and reports. */
  readonly summary: string;
  /** True when the edit holds a secret: then nothing but the summary may be shown. */
  readonly secret: boolean;
}

type Item<Verb extends keyof EditItems> = Compiled<EditItems[Verb]>;

export async function renderWrite(item: Item<"write">, tools: EditTools): Promise<RenderedEdit> {
  const path = filePath(item.path, tools);
  const content = await tools.content(item);
  const parentMode = item["parent-mode"];
  return writeFile(path, content, {
    ...ownership(item),
    ...(parentMode === undefined ? {} : { parentMode }),
  });
}

/** `content` at `path`, whatever it is that puts it there. */
export function writeFile(
  path: string,
  { bytes, secret }: RenderedContent,
  options: Ownership & { readonly parentMode?: number },
): RenderedEdit {
  const mode = options.mode === undefined ? "" : `, mode ${octal(options.mode)}`;
  const what = secret ? "with a secret in it" : `${bytes.length} bytes`;
  return {
    edit: { verb: "write", path, content: bytes, ...options },
    summary: `write ${path}, ${what}${mode}`,
    secret,
  };
}

export async function renderAppendLine(item: Item<"append-line">, tools: EditTools): Promise<RenderedEdit> {
  const path = filePath(item.path, tools);
  const { text: line, secret } = await tools.text(item.line);
  if (/[\r\n\0]/.test(line))
    throw specError("SPEC_EDIT", item.line.position, "a line has a line end or NUL in it");
  return { edit: { verb: "append-line", path, line }, summary: `append-line ${path}`, secret };
}

export async function renderFill(item: Item<"fill">, tools: EditTools): Promise<RenderedEdit> {
  const path = filePath(item.path, tools);
  const { bytes, secret } = await tools.content(item);
  const end = item.end === undefined ? undefined : new TextEncoder().encode(tools.plain(item.end));
  const pad = item.pad === undefined ? undefined : tools.plain(item.pad).charCodeAt(0);
  return {
    edit: {
      verb: "fill",
      path,
      content: bytes,
      ...(end === undefined ? {} : { end }),
      ...(pad === undefined ? {} : { pad }),
    },
    summary: `fill ${path}, ${secret ? "with a secret in it" : `${bytes.length} bytes`}`,
    secret,
  };
}

export async function renderCopyIn(item: Item<"copy-in">, tools: EditTools): Promise<RenderedEdit> {
  const path = tools.path(item.path);
  const entries = await tools.tree(item.from);
  if (path === "/" && entries[0]?.kind !== "directory")
    throw specError(
      "SPEC_EDIT",
      item.path.position,
      "a single file needs a name: the path is that of the file",
    );
  const count = entries.filter(({ kind }) => kind === "file").length;
  return {
    edit: { verb: "copy-in", path, entries, ...ownership(item) },
    summary: `copy-in ${tools.plain(item.from)} to ${path}, ${count} files`,
    secret: false,
  };
}

export function renderDelete(item: Item<"delete">, tools: EditTools): RenderedEdit {
  const path = filePath("path" in item ? item.path : item, tools);
  const missingOk = "path" in item && item["missing-ok"] === true;
  return shown({ verb: "delete", path, ...(missingOk ? { missingOk } : {}) }, path);
}

export function renderMove(item: Item<"move">, tools: EditTools): RenderedEdit {
  const [from, to] = [filePath(item.from, tools), filePath(item.to, tools)];
  return shown({ verb: "move", from, to }, `${from} to ${to}`);
}

export function renderMkdir(item: Item<"mkdir">, tools: EditTools): RenderedEdit {
  const path = filePath("path" in item ? item.path : item, tools);
  return shown({ verb: "mkdir", path, ...("path" in item ? ownership(item) : {}) }, path);
}

export function renderLink(item: Item<"link">, tools: EditTools): RenderedEdit {
  const path = filePath(item.path, tools);
  const target = tools.plain(item.target);
  if (target === "" || hasUnprintable(target))
    throw specError("SPEC_EDIT", item.target.position, `${quote(target)} is no target of a link`);
  return shown({ verb: "link", path, target }, `${path} to ${target}`);
}

export function renderChmod(item: Item<"chmod">, tools: EditTools): RenderedEdit {
  const path = tools.path(item.path);
  return shown({ verb: "chmod", path, mode: item.mode }, `${path} to ${octal(item.mode)}`);
}

export function renderChown(item: Item<"chown">, tools: EditTools): RenderedEdit {
  const { uid, gid } = item;
  const path = tools.path(item.path);
  return shown({ verb: "chown", path, uid, gid }, `${path} to ${uid}:${gid}`);
}

/** An edit that holds nothing to hide. */
export function shown(edit: Edit, detail: string): RenderedEdit {
  return { edit, summary: `${edit.verb} ${detail}`, secret: false };
}

/** The root itself can be neither written, removed nor renamed. */
function filePath(template: Template, tools: EditTools): string {
  const path = tools.path(template);
  if (path === "/")
    throw specError("SPEC_EDIT", template.position, `"/" is the root: a name below it is needed`);
  return path;
}

function ownership(
  item: Ownership | { mode?: number | undefined; uid?: number | undefined; gid?: number | undefined },
): Ownership {
  const { mode, uid, gid } = { mode: undefined, ...item };
  return {
    ...(mode === undefined ? {} : { mode }),
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  };
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}
