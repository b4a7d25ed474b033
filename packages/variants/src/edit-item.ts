/**
 * A plain scalar whose text is taken from the file as it is written: an unquoted 1.10 or 0012 is no number here.
 * The validated data holds this marker; the position leads to the text.
 */
export class AsWritten {
  /** Without it any object would have the shape of this one. */
  readonly asWritten: true = true;
}

/** Exactly one of the three, see docs/SPEC.md. */
export interface ContentItem {
  readonly content?: string | undefined;
  readonly file?: string | undefined;
  readonly template?: string | undefined;
}

interface OwnerItem {
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

interface ModeItem {
  readonly mode?: number | undefined;
}

export interface WriteItem extends ContentItem, OwnerItem, ModeItem {
  readonly path: string;
  readonly "parent-mode"?: number | undefined;
}

/** What one string would leave open when a value has an "=" in it. */
export interface KargsReplacementItem {
  readonly key: AsWritten;
  readonly old?: AsWritten | undefined;
  readonly new: AsWritten;
}

export interface KargsItem {
  readonly append?: readonly AsWritten[] | undefined;
  readonly "append-if-missing"?: readonly AsWritten[] | undefined;
  readonly delete?: readonly AsWritten[] | undefined;
  readonly "delete-if-present"?: readonly AsWritten[] | undefined;
  readonly replace?: readonly (AsWritten | KargsReplacementItem)[] | undefined;
  readonly paths?: readonly string[] | undefined;
}

export interface FillItem extends ContentItem {
  readonly path: string;
  readonly pad?: string | undefined;
  readonly end?: string | undefined;
}

export interface GrubenvItem {
  readonly path?: string | undefined;
  readonly set?: Readonly<Record<string, AsWritten>> | undefined;
  readonly unset?: readonly string[] | undefined;
}

export interface ConfigTxtItem {
  readonly path?: string | undefined;
  readonly section?: string | undefined;
  readonly set?: Readonly<Record<string, AsWritten | readonly AsWritten[]>> | undefined;
  readonly remove?: readonly string[] | undefined;
  readonly "remove-if-present"?: readonly string[] | undefined;
}

export interface CloudInitItem {
  readonly path?: string | undefined;
  readonly "user-data": ContentItem;
  readonly "meta-data"?: ContentItem | undefined;
  readonly "network-config"?: ContentItem | undefined;
}

/** What each verb of an edit takes, as the schema leaves it: modes are numbers, the rest is as in the file. */
export interface EditItems {
  readonly write: WriteItem;
  readonly "append-line": { readonly path: string; readonly line: string };
  readonly fill: FillItem;
  readonly "copy-in": OwnerItem & { readonly from: string; readonly path: string };
  readonly delete: string | { readonly path: string; readonly "missing-ok"?: boolean | undefined };
  readonly move: { readonly from: string; readonly to: string };
  readonly mkdir: string | (OwnerItem & ModeItem & { readonly path: string });
  readonly link: { readonly path: string; readonly target: string };
  readonly chmod: { readonly path: string; readonly mode: number };
  readonly chown: { readonly path: string; readonly uid: number; readonly gid: number };
  readonly kargs: KargsItem;
  readonly grubenv: GrubenvItem;
  readonly "config-txt": ConfigTxtItem;
  readonly ignition: ContentItem;
  readonly "cloud-init": CloudInitItem;
}

export type EditVerb = keyof EditItems;

/** An item of `edits`: a map with one key, the verb. */
export type EditItem = { readonly [Verb in EditVerb]?: EditItems[Verb] | undefined };
