import * as z from "zod";
import { quote } from "./quote.ts";

/** What an unknown key is called in complaints: an unknown key of `edits` is an unknown edit. */
export const nouns: z.core.$ZodRegistry<{ readonly noun: string }> = z.registry<{ readonly noun: string }>();

/** A map of which exactly one of `keys` must be there. */
export function oneOf<Shape extends z.core.$ZodShape>(
  shape: Shape,
  keys: readonly (string & keyof Shape)[],
): z.ZodObject<Shape, z.core.$strict> {
  return z
    .strictObject(shape)
    .check(({ value, issues }) => {
      // a misspelt key has been complained of
      if (issues.length > 0) return;
      const given = keys.filter((key) => Object.hasOwn(value, key));
      const [first, second] = given;
      if (first === undefined)
        issues.push({ code: "custom", input: value, message: `one of ${quoteAll(keys)} is needed` });
      if (second !== undefined) issues.push(keyIssue(value, second, `${quoteAll(given)}: only one can be`));
    })
    .meta({ oneOf: keys.map((key) => ({ required: [key] })) });
}

/** A map that may not be without any of `keys`. */
export function someOf<Shape extends z.core.$ZodShape>(
  shape: Shape,
  keys: readonly (string & keyof Shape)[],
): z.ZodObject<Shape, z.core.$strict> {
  return z
    .strictObject(shape)
    .check(({ value, issues }) => {
      if (issues.length > 0 || keys.some((key) => Object.hasOwn(value, key))) return;
      issues.push({ code: "custom", input: value, message: `one or more of ${quoteAll(keys)} is needed` });
    })
    .meta({ anyOf: keys.map((key) => ({ required: [key] })) });
}

/** An issue about a key that is there, rather than about its value. */
export function keyIssue(value: object, key: string, message: string): z.core.$ZodRawIssue {
  return { code: "custom", input: value, path: [key], message, params: { isAboutKey: true } };
}

function quoteAll(keys: readonly string[]): string {
  return keys.map((key) => quote(key)).join(", ");
}
