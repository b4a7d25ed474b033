import type { DraftArgument } from "./kernel-line-draft.ts";
import { isEndOfArguments } from "./kernel-line-draft.ts";
import type { ArgumentPlace, ArgumentWord, KernelLine } from "./kernel-line.ts";
import type { Splice } from "./splice.ts";

/** The splices that turn a command line into its draft; none for a place that stays as it is. */
export function rewriteKernelLine(text: string, line: KernelLine, draft: readonly DraftArgument[]): Splice[] {
  const kept = new Map(draft.flatMap((each) => (each.word ? [[each.word, each] as const] : [])));
  const added = draft.flatMap((each) => (each.word ? [] : [each.spelled ?? ""]));
  const stop = line.places.findIndex((place) => place.words.some(isEndOfArguments));
  const target = stop < 0 ? line.target : stop;
  return line.places.flatMap((place, index) => {
    // Behind the place with a bare `--` everything belongs to init.
    if (stop >= 0 && index > stop) return [];
    const splice = rewritePlace(text, place, kept, index === target ? added : []);
    return splice.text === text.slice(splice.start, splice.end) ? [] : [splice];
  });
}

function rewritePlace(
  text: string,
  place: ArgumentPlace,
  kept: ReadonlyMap<ArgumentWord, DraftArgument>,
  added: readonly string[],
): Splice {
  const { start, end } = place;
  if (place.shape === "absent") {
    const body = added.map((each) => ` ${each}`).join("");
    return {
      start,
      end,
      text: body === "" ? text.slice(start, end) : `${place.before ?? ""}${body}${place.after ?? ""}`,
    };
  }
  const stop = place.words.findIndex(isEndOfArguments);
  const words = stop < 0 ? place.words : place.words.slice(0, stop);
  const rest = text.slice(words.at(-1)?.end ?? place.start, end);
  const survivors = words.filter((word) => kept.has(word));
  if (survivors.length === 0 && added.length === 0 && words.length > 0 && stop < 0 && place.emptied) {
    return place.emptied;
  }
  const pieces = piecesOf(text, place, words, kept);
  for (const each of added) pieces.push({ gap: " ", word: each });
  return { start, end, text: joinPieces(text, place, words, pieces, rest) };
}

interface Piece {
  readonly gap: string;
  readonly word: string;
}

function piecesOf(
  text: string,
  place: ArgumentPlace,
  words: readonly ArgumentWord[],
  kept: ReadonlyMap<ArgumentWord, DraftArgument>,
): Piece[] {
  return words.flatMap((word, index) => {
    const draft = kept.get(word);
    if (draft === undefined) return [];
    const gap = text.slice(words[index - 1]?.end ?? place.start, word.start);
    return [{ gap, word: draft.spelled ?? text.slice(word.start, word.end) }];
  });
}

function joinPieces(
  text: string,
  place: ArgumentPlace,
  words: readonly ArgumentWord[],
  pieces: readonly Piece[],
  rest: string,
): string {
  const body = pieces.map(({ gap, word }) => gap + word).join("");
  if (place.shape === "keyword") return body + rest;
  // Nothing stands before the first word of a bare line: the line keeps the indentation that it had.
  const indent = text.slice(place.start, words[0]?.start ?? place.start);
  const bare = body.slice(pieces[0]?.gap.length ?? 0);
  const joint = bare !== "" && rest !== "" && !/^[ \t\v\f\r]/.test(rest) ? " " : "";
  return indent + bare + joint + rest;
}
