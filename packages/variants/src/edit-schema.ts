import { keyIssue, nouns, oneOf, someOf, z } from "@bootstamp/declaration";
import type { ContentItem, EditItem } from "./edit-item.ts";
import { asWritten, hostPath, imagePath, mode, numericId } from "./schema-parts.ts";

const contentKeys = ["content", "file", "template"] as const;
const content = {
  content: z.string().optional().describe("Text, with templates."),
  file: hostPath.optional().describe("A file of the host, byte for byte, without templates."),
  template: hostPath.optional().describe("A text file of the host, with templates."),
};

const path = imagePath.describe("The path in the region's file system, from its root.");
const permissions = mode.optional().describe(`Permission bits as quoted octal digits, such as "0644".`);
const owner = {
  uid: numericId.optional().describe("Numeric user id of the owner. Not kept by FAT."),
  gid: numericId.optional().describe("Numeric group id of the owner. Not kept by FAT."),
};

function contentOf(what: string): z.ZodType<ContentItem> {
  return oneOf(content, contentKeys).describe(what);
}

const emptyList = "an empty list does nothing";

function list(what: string) {
  return z.array(asWritten).min(1, emptyList).optional().describe(what);
}

const write = oneOf(
  {
    path,
    ...content,
    mode: permissions,
    ...owner,
    "parent-mode": mode
      .optional()
      .describe(`Permission bits of the directories that have to be made on the way; default "0755".`),
  },
  contentKeys,
).describe("Makes or replaces a file. Missing directories on the way are made.");

const appendLine = z
  .strictObject({ path, line: z.string().describe("The line, without a line end.") })
  .describe("Adds a line to the end of a file that exists, on a line of its own.");

const fill = oneOf(
  {
    path,
    ...content,
    pad: z
      .string()
      // oxlint-disable-next-line no-control-regex -- NUL is the usual one
      .regex(/^[\u0000-\u007f]$/, "a pad is one character of ASCII")
      .optional()
      .describe("The character that fills what is left of the slot; default NUL."),
    end: z.string().optional().describe("What follows the content, such as a line end; default nothing."),
  },
  contentKeys,
).describe("Fills a file that is there, where it lies, and changes nothing else of the file system.");

const copyIn = z
  .strictObject({ from: hostPath.describe("A file or a folder of the host."), path, ...owner })
  .describe(
    "Copies a file, or a folder with all it holds, to a path; what is there is merged into or replaced.",
  );

const deletion = z
  .union([
    path,
    z.strictObject({
      path,
      "missing-ok": z.boolean().optional().describe("True: nothing there is no error. Default false."),
    }),
  ])
  .describe("Removes a file, a link, or a directory with all it holds.");

const move = z
  .strictObject({
    from: imagePath.describe("The path in the image as it is."),
    to: imagePath.describe("The path in the image as it shall be; a file that is there is replaced."),
  })
  .describe("Renames a file or directory.");

const mkdir = z
  .union([path, z.strictObject({ path, mode: permissions, ...owner })])
  .describe("Makes a directory and its parents; one that exists is no error.");

const link = z
  .strictObject({ path, target: z.string().min(1).describe("What the link says, taken as it stands.") })
  .describe("Makes a symbolic link. Not possible on FAT.");

const chmod = z
  .strictObject({ path, mode: mode.describe(`Permission bits as quoted octal digits, such as "0600".`) })
  .describe("Changes the permission bits. On FAT they come to the read-only attribute.");

const chown = z
  .strictObject({
    path,
    uid: numericId.describe("Numeric user id of the owner."),
    gid: numericId.describe("Numeric group id of the owner."),
  })
  .describe("Changes the owner. Not possible on FAT.");

const kargsKeys = ["append", "append-if-missing", "delete", "delete-if-present", "replace"] as const;
const replacement = z
  .strictObject({
    key: asWritten.describe("The key of the argument."),
    old: asWritten.optional().describe("The value that it has; default: the only one."),
    new: asWritten.describe("The value that it gets."),
  })
  .describe("A replacement in parts, for values with an = in them.");

const kargs = someOf(
  {
    append: list("Kernel arguments to add at the end."),
    "append-if-missing": list("Kernel arguments to add unless they are there already."),
    delete: list("Kernel arguments to take away; one that is not there is an error."),
    "delete-if-present": list("Kernel arguments to take away where they are there."),
    replace: z
      .array(z.union([asWritten, replacement]))
      .min(1, emptyList)
      .optional()
      .describe("Kernel arguments to change: KEY=NEW, KEY=OLD=NEW, or a map with the parts."),
    paths: z
      .array(imagePath)
      .min(1)
      .optional()
      .describe("The files to change; default: all that the boot loader may read, found by themselves."),
  },
  kargsKeys,
).describe("Changes the kernel arguments in boot loader entries, grub.cfg, extlinux.conf or cmdline.txt.");

const variableKey = z.string().regex(/^[^=\s]+$/, `a name without "=" and spaces is expected`);

const grubenv = someOf(
  {
    path: path.optional().describe("The environment block; default: found by itself."),
    set: z.record(variableKey, asWritten).optional().describe("Variables to set, with their values."),
    unset: z.array(z.string()).min(1).optional().describe("Variables to remove."),
  },
  ["set", "unset"],
).describe("Sets and removes variables of a GRUB environment block.");

const configTxt = someOf(
  {
    path: path.optional().describe("The file; default: config.txt, found by itself."),
    section: z.string().optional().describe("The [section] filter that the lists are under; default all."),
    set: z
      .record(variableKey, z.union([asWritten, z.array(asWritten).min(1)]))
      .optional()
      .describe("Entries to set: a value, or a list where the key is given several times."),
    remove: z.array(z.string()).min(1).optional().describe("Entries to remove: a key, or key=value."),
    "remove-if-present": z
      .array(z.string())
      .min(1)
      .optional()
      .describe("The same without an error where there is none."),
  },
  ["set", "remove", "remove-if-present"],
).describe("Sets and removes entries of the Raspberry Pi's config.txt.");

const ignition = contentOf(
  "Puts an Ignition config at /ignition/config.ign, mode 0600 in a directory of mode 0700.",
);

const cloudInit = z
  .strictObject({
    path: path.optional().describe("The directory of the seed; default the root of the region."),
    "user-data": contentOf("The user-data file."),
    "meta-data": contentOf(
      "The meta-data file; an instance-id is made of the variant's content unless it has one.",
    ).optional(),
    "network-config": contentOf("The network-config file.").optional(),
  })
  .describe("Writes a cloud-init NoCloud seed, each file with mode 0600.");

/** One item of `edits`: a map with one key, the verb. */
export const editSchema: z.ZodType<EditItem> = z
  .strictObject({
    write: write.optional(),
    "append-line": appendLine.optional(),
    fill: fill.optional(),
    "copy-in": copyIn.optional(),
    delete: deletion.optional(),
    move: move.optional(),
    mkdir: mkdir.optional(),
    link: link.optional(),
    chmod: chmod.optional(),
    chown: chown.optional(),
    kargs: kargs.optional(),
    grubenv: grubenv.optional(),
    "config-txt": configTxt.optional(),
    ignition: ignition.optional(),
    "cloud-init": cloudInit.optional(),
  })
  .check(({ value, issues }) => {
    if (issues.length > 0) return;
    const [first, second] = Object.keys(value);
    if (first === undefined) issues.push({ code: "custom", input: value, message: "an edit is needed here" });
    if (second !== undefined)
      issues.push(keyIssue(value, second, `one edit an item: ${second} needs its own "-"`));
  })
  .meta({ id: "edit", minProperties: 1, maxProperties: 1 })
  .describe("One edit: a map with one key, which says what is done.");

nouns.add(editSchema, { noun: "edit" });
