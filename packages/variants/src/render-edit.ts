import {
  renderCloudInit,
  renderConfigTxt,
  renderGrubenv,
  renderIgnition,
  renderKargs,
} from "./boot-edits.ts";
import type { Compiled } from "./compile-templates.ts";
import type { EditItems, EditVerb } from "./edit-item.ts";
import type { EditTools } from "./edit-tools.ts";
import {
  renderAppendLine,
  renderChmod,
  renderChown,
  renderCopyIn,
  renderDelete,
  renderFill,
  renderLink,
  renderMkdir,
  renderMove,
  renderWrite,
  type RenderedEdit,
} from "./file-edits.ts";
import type { EditSource } from "./spec.ts";

type Outcome = RenderedEdit | readonly RenderedEdit[];

type Renderers = {
  readonly [Verb in EditVerb]: (
    item: Compiled<EditItems[Verb]>,
    tools: EditTools,
  ) => Outcome | Promise<Outcome>;
};

const renderers: Renderers = {
  write: renderWrite,
  "append-line": renderAppendLine,
  fill: renderFill,
  "copy-in": renderCopyIn,
  delete: renderDelete,
  move: renderMove,
  mkdir: renderMkdir,
  link: renderLink,
  chmod: renderChmod,
  chown: renderChown,
  kargs: renderKargs,
  grubenv: renderGrubenv,
  "config-txt": renderConfigTxt,
  ignition: renderIgnition,
  "cloud-init": renderCloudInit,
};

/** The edits that one item of `edits` comes to for one variant: mostly one. Rejects with SpecError. */
export async function renderEdit({ item }: EditSource, tools: EditTools): Promise<readonly RenderedEdit[]> {
  const verb = verbOf(item);
  return [await renderVerb(verb, item, tools)].flat();
}

function renderVerb<Verb extends EditVerb>(
  verb: Verb,
  item: { readonly [Each in Verb]?: Compiled<EditItems[Each]> | undefined },
  tools: EditTools,
): Outcome | Promise<Outcome> {
  const content = item[verb];
  if (content === undefined) throw new Error(`internal error: an edit ${verb} without content`);
  return renderers[verb](content, tools);
}

function verbOf(item: EditSource["item"]): EditVerb {
  const verb = Object.keys(item).find((key): key is EditVerb => key in renderers);
  if (verb === undefined) throw new Error("internal error: an edit without a verb");
  return verb;
}
