import { parseByteLength, quote, type YamlDocument, type YamlPath } from "@bootstamp/declaration";
import { imagePathFault } from "./image-path.ts";
import type { StoreChoice } from "./spec.ts";
import type { SpecComplaint } from "./spec-error.ts";
import { defaultRoom, type ReserveItem, type SpecFile } from "./spec-file.ts";

/** What is to be stored, with paths that can be in an image. What is wrong goes into `complaints`. */
export function storeChoice(
  { store }: SpecFile,
  document: YamlDocument,
  complaints: SpecComplaint[],
): StoreChoice {
  if (typeof store === "string") return store;
  const at: YamlPath = ["store", "reserve"];
  const { files = [], slots = [], bytes, directory = "/" } = store.reserve;
  const check = (path: string, below: YamlPath): string => {
    const fault = imagePathFault(path);
    if (fault !== undefined)
      complaints.push({
        code: "SPEC_VALUE",
        position: document.positionOf([...at, ...below]),
        message: `the path ${quote(path)} ${fault}`,
      });
    return path;
  };
  return {
    reserve: {
      position: document.positionOf(at),
      files: files.map((file, index) => {
        const { path, room } = fileOf(file);
        return { path: check(path, ["files", index]), room };
      }),
      ...(bytes === undefined ? {} : { newFiles: { directory: check(directory, ["directory"]), bytes } }),
      slots: slots.map((path, index) => check(path, ["slots", index])),
    },
  };
}

function fileOf(file: NonNullable<ReserveItem["files"]>[number]): { path: string; room: number } {
  return typeof file === "string" ? { path: file, room: parseByteLength(defaultRoom) ?? 0 } : file;
}
