import { positionsIn, type TextPosition } from "@bootstamp/declaration";

/** A file of a repart.d directory, read by the caller; drop-ins are in directories such as `10-root.conf.d`. */
export interface RepartFile {
  readonly path: string;
  readonly text: string;
}

/** One assignment: `SizeMinBytes=1G`. */
export interface RepartSetting {
  readonly key: string;
  readonly value: string;
  readonly position: TextPosition;
}

/** The settings of one partition: those of its file, then those of its drop-ins. */
export interface RepartDefinition {
  /** Where its first file starts. */
  readonly position: TextPosition;
  readonly settings: readonly RepartSetting[];
}

type ComplainAt = (position: TextPosition, message: string) => void;

/** Groups files into definitions, in the order of their names whatever their directories (systemd-repart's rule). */
export function repartDefinitions(
  files: readonly RepartFile[],
  complain: ComplainAt,
): readonly RepartDefinition[] {
  const mains = files.filter(({ path }) => dropInOf(path) === undefined);
  const names = new Set(mains.map(({ path }) => baseName(path)));
  for (const { path } of files.filter((file) => !names.has(dropInOf(file.path) ?? baseName(file.path))))
    complain(startOf(path), "this drop-in adds to a definition that is not there");
  return mains.toSorted(byName).map((main) => {
    const added = files.filter(({ path }) => dropInOf(path) === baseName(main.path)).toSorted(byName);
    const settings = [main, ...added].flatMap((file) => readSettings(file, complain));
    return { position: startOf(main.path), settings };
  });
}

function byName(a: RepartFile, b: RepartFile): number {
  const [first, second] = [baseName(a.path), baseName(b.path)];
  return first < second ? -1 : Number(first > second);
}

function baseName(path: string): string {
  return path.split("/").at(-1) ?? "";
}

/** The name of the definition that a drop-in adds to. */
function dropInOf(path: string): string | undefined {
  return /([^/]+\.conf)\.d\/[^/]+$/.exec(path)?.[1];
}

function startOf(file: string): TextPosition {
  return { file, line: 1, column: 1 };
}

/** systemd.syntax(7): sections, assignments, comments, and lines that a backslash continues. */
function readSettings({ path, text }: RepartFile, complain: ComplainAt): readonly RepartSetting[] {
  const at = positionsIn(path, text);
  const settings: RepartSetting[] = [];
  let section = "";
  for (const { 0: raw, index } of text.matchAll(/(?:[^\n\\]|\\\n?)+/g)) {
    const line = raw.replaceAll("\\\n", " ").trim();
    const position = at(index + raw.search(/\S|$/));
    if (line === "" || /^[#;]/.test(line)) continue;
    if (line.startsWith("[")) {
      section = line;
      if (section !== "[Partition]")
        complain(position, `unknown section ${section.slice(0, 80)}: only [Partition] is read`);
      continue;
    }
    const equals = line.indexOf("=");
    if (equals < 1) complain(position, "an assignment such as Type=esp is expected");
    else if (section === "") complain(position, "this assignment stands before the section [Partition]");
    else if (section === "[Partition]")
      settings.push({ key: line.slice(0, equals).trim(), value: line.slice(equals + 1).trim(), position });
  }
  return settings;
}
