import { parseConfigTxt } from "./config-txt-line.ts";

// A config.txt of a real image has one or two; the products of a hostile one must stay few.
const mostNames = 16;

/**
 * The names of the cmdline files that a config.txt makes the firmware read, relative to its own folder:
 * `cmdline=` names the file, `os_prefix=` goes in front (Raspberry Pi documentation, "Boot options").
 */
export function cmdlineFileNames(text: string): string[] {
  const values = (key: string): string[] =>
    parseConfigTxt(text)
      .flatMap((each) => (each.type === "property" && each.key === key ? [each.value] : []))
      .slice(0, mostNames);
  const names = ["cmdline.txt", ...values("cmdline")];
  const all = ["", ...values("os_prefix")].flatMap((prefix) => names.map((name) => prefix + name));
  return [...new Set(all)].filter((name) => isInnerPath(name));
}

/** No pattern characters and no way out of the folder: the text comes from the image. */
function isInnerPath(name: string): boolean {
  return name.length <= 255 && /^[A-Za-z0-9_+./-]+$/.test(name) && !name.split("/").includes("..");
}
