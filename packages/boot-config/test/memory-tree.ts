import type { ConfigTree } from "@bootstamp/boot-config";

const inside = (folder: string): string => (folder === "/" ? "/" : `${folder}/`);

/** A tree of files in memory. A value that starts with `->` is a symlink to a path from the root. */
export function memoryTree(files: Readonly<Record<string, string>>): ConfigTree {
  const links = Object.entries(files).flatMap(([path, text]) =>
    text.startsWith("->") ? [[path, text.slice(2)]] : [],
  );
  const resolve = (path: string): string => {
    let real = path;
    for (let round = 0; round < 40; round += 1) {
      const at = real;
      const link = links.find(([from]) => at === from || at.startsWith(`${from}/`));
      if (link === undefined) return real === "" ? "/" : real;
      real = `${link[1] === "/" ? "" : link[1]}${real.slice(link[0]?.length)}`;
    }
    return "/loop";
  };
  const children = (folder: string): string[] =>
    Object.keys(files)
      .filter((path) => path.startsWith(inside(folder)))
      .map((path) => path.slice(inside(folder).length).split("/")[0] ?? "");
  return {
    list: async (directory) => [...new Set(children(resolve(directory)))],
    locate: async (path) => {
      const real = resolve(path);
      const text = files[real];
      if (text !== undefined) return { path: real, type: "file", size: Buffer.byteLength(text) };
      return children(real).length > 0 ? { path: real, type: "directory", size: 0 } : undefined;
    },
    read: async (path) => Buffer.from(files[path] ?? ""),
  };
}
