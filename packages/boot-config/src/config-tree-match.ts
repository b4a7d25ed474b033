import type { ConfigTree } from "./config-tree.ts";

/** Lists directories once each; a search asks for the same ones many times. */
export type ListDirectory = (directory: string) => Promise<readonly string[]>;

export function cachedList(tree: ConfigTree): ListDirectory {
  const known = new Map<string, Promise<readonly string[]>>();
  return (directory) => {
    const names = known.get(directory) ?? tree.list(directory);
    known.set(directory, names);
    return names;
  };
}

/**
 * The paths that match a pattern such as `/loader/entries/*.conf`, sorted. `*` stands for any characters within a
 * name, but not for a leading dot. Letters match in either case: FAT keeps them, boot loaders do not mind.
 */
export async function matchPaths(list: ListDirectory, pattern: string): Promise<string[]> {
  let folders = [""];
  for (const part of pattern.split("/").filter((each) => each !== "")) {
    const test = nameTest(part);
    const next = await Promise.all(
      folders.map(async (folder) => {
        const names = await list(folder === "" ? "/" : folder);
        return names
          .filter((name) => isPlainName(name) && test.test(name))
          .map((name) => `${folder}/${name}`);
      }),
    );
    folders = next.flat();
  }
  return folders.toSorted();
}

/** The same few parts are asked for in every variant of an image, and to compile one takes longer than to use it. */
const compiled = new Map<string, RegExp>();
/** Some parts come from an image, which may have any number. */
const mostCompiled = 256;

function nameTest(part: string): RegExp {
  const test = compiled.get(part) ?? compileTest(part);
  if (compiled.size < mostCompiled) compiled.set(part, test);
  return test;
}

function compileTest(part: string): RegExp {
  const body = part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^/]*");
  return new RegExp(`^(?!\\.)${body}$`, "i");
}

function isPlainName(name: string): boolean {
  return name !== "" && !name.includes("/");
}
