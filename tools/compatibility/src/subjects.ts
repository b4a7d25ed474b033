// The test images that are stamped, each with the same edits in two languages: the spec's, and that of sed and files.
import { type RecipeName, type RecipeOptions, recipes } from "@bootstamp/test-images";

/** What sed does to the files that a pattern finds in a folder. */
export interface HandEdit {
  readonly files: string;
  readonly sed: string;
}

export interface Subject<Name extends RecipeName = RecipeName> {
  readonly recipe: Name;
  readonly options: RecipeOptions[Name];
  /** Whether it is so small that every decoder can read all that is made of it. */
  readonly small?: true;
  /** What {@link editsOf} a variant does to the files with kernel arguments. */
  readonly arguments: (variant: string) => HandEdit;
}

/** The variants of every subject. */
export const variantNames = ["aws", "azure"] as const;
export type VariantName = (typeof variantNames)[number];

/** A variant's edits, as a spec has them. */
export function editsOf(variant: string): readonly object[] {
  return [
    { kargs: { append: [`platform=${variant}`] } },
    ...Object.entries(filesOf(variant)).map(([path, content]) => ({ write: { path, content } })),
  ];
}

/** The files that {@link editsOf} a variant writes. */
export function filesOf(variant: string): Readonly<Record<string, string>> {
  return {
    "/marker.txt": `${variant}\n`,
    "/site/identity.conf": `name = ${variant}\n`.repeat(500),
  };
}

const inEntries =
  (folder: string) =>
  (variant: string): HandEdit => ({
    files: `${folder}/entries/*.conf`,
    sed: `/^options /s/$/ platform=${variant}/`,
  });

const inGrubConfig = (variant: string): HandEdit => ({
  files: "grub/grub.cfg",
  sed: String.raw`/^\s*linux\s/s/\s*$/ platform=${variant}/`,
});

const inCommandLine = (variant: string): HandEdit => ({
  files: "cmdline.txt",
  sed: `1s/$/ platform=${variant}/`,
});

/** Tools that a subject's recipe needs, to hand to `requires`. */
export function toolsOf<Name extends RecipeName>({ recipe, options }: Subject<Name>): readonly string[] {
  return recipes[recipe].tools(options);
}

export const subjects: readonly Subject[] = [
  // CoreOS keeps its entries behind a link, and so does this one.
  { recipe: "tiny", options: { boot: "ext4" }, small: true, arguments: inEntries("loader.1") },
  { recipe: "debian-sdboot", options: {}, small: true, arguments: inEntries("loader") },
  { recipe: "debian-grub", options: { root: "small" }, arguments: inGrubConfig },
  { recipe: "raspi", options: {}, arguments: inCommandLine },
  { recipe: "4kn", options: {}, arguments: inGrubConfig },
  { recipe: "demo", options: {}, arguments: inEntries("loader") },
];
