import * as z from "zod";

/** The JSON Schema (draft 2020-12) of what people may write, for editors. */
export function jsonSchemaOf(title: string, schema: z.ZodType): object {
  return { title, ...z.toJSONSchema(schema, { io: "input" }) };
}
