import {
  DeclarationError,
  oneOf,
  parseYaml,
  refuseAll,
  validate,
  z,
  type Complaint,
  type DeclarationKind,
} from "@bootstamp/declaration";

type GardenCode = "GARDEN_SYNTAX" | "GARDEN_KEY" | "GARDEN_VALUE" | "GARDEN_LARGE";

/** The errors of a kind of file that only these tests know. */
export class GardenError extends DeclarationError<GardenCode> {}

export const gardenKind: DeclarationKind<GardenCode> = {
  noun: "garden",
  codes: {
    syntax: "GARDEN_SYNTAX",
    "unknown-key": "GARDEN_KEY",
    "missing-key": "GARDEN_KEY",
    value: "GARDEN_VALUE",
    "too-large": "GARDEN_LARGE",
  },
  ErrorClass: GardenError,
};

const bed = oneOf({ rows: z.int().min(1).max(9).optional(), meadow: z.boolean().optional() }, [
  "rows",
  "meadow",
]);

export const gardenSchema: z.ZodType = z.strictObject({
  version: z.literal(1),
  soil: z.enum(["clay", "sand"]).default("sand"),
  beds: z.array(z.union([z.string().min(1), bed])),
});

/** A garden as the schema leaves it. @throws GardenError */
export function readGarden(text: string): unknown {
  const complaints: Complaint<GardenCode>[] = [];
  const document = parseYaml(gardenKind, "garden.yaml", text);
  const garden = validate(gardenKind, gardenSchema, document, complaints);
  refuseAll(gardenKind, complaints);
  return garden;
}

/** Code and line of each complaint about `text`. */
export function complaintsOf(text: string): readonly string[] {
  try {
    readGarden(text);
    return [];
  } catch (error) {
    if (!(error instanceof GardenError)) throw error;
    const lines = error.message.split("\n");
    return lines.map((line, index) => `${error.complaints[index]?.code} ${line}`);
  }
}
