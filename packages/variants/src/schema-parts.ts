import { z } from "@bootstamp/declaration";
import { AsWritten } from "./edit-item.ts";

/** Text, or a number, true or false, each taken as it is written. */
export const asWritten: z.ZodType<AsWritten> = z
  .union([z.string(), z.number(), z.boolean()])
  .transform(() => new AsWritten());

/** Letters, digits, "_" and "-": what `{{ }}` can name without brackets. */
export const nameKey: z.ZodType<string, string> = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_-]*$/,
    `a name starts with a letter or "_" and goes on with letters, digits, "_", "-"`,
  );

/** A path in the image; what templates in it come to is checked when it is rendered. */
export const imagePath: z.ZodType<string, string> = z
  .string()
  .regex(/^(?:\/|\{\{)/, `a path in the image starts with "/"`);

/** A path on the host, relative to the spec's folder. */
export const hostPath: z.ZodType<string, string> = z.string().min(1, "a path is needed");

/** Nine permission bits and three more; only as text, since YAML 1.2 reads 0644 as six hundred and forty-four. */
export const mode: z.ZodType<number> = z
  .string({ error: ({ input }) => (typeof input === "number" ? unquotedMode : undefined) })
  .regex(/^[0-7]{3,4}$/, `a mode is three or four octal digits in quotes, such as "0644"`)
  .transform((digits) => Number.parseInt(digits, 8));

const unquotedMode =
  'a mode must be quoted, such as "0644": without quotes YAML 1.2 reads it as a decimal number, so that 0644 is 644';

/** (uid_t) -1 means "leave as it is" to chown(2): it is no user. */
const highestId = 0xffff_fffe;

export const numericId: z.ZodType<number> = z.int().min(0).max(highestId);
