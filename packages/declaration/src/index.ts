export { describeLength, formatByteLength, parseByteLength } from "./byte-length.ts";
export { byteLength } from "./byte-length-schema.ts";
export { addAll, addCaught, refuseAll } from "./collected-complaints.ts";
export { DeclarationError, formatComplaint, type Complaint } from "./complaint.ts";
export type { DeclarationKind, Flaw } from "./declaration-kind.ts";
export { jsonSchemaOf } from "./json-schema.ts";
export { hasUnprintable, quote } from "./quote.ts";
export { validate } from "./schema-complaints.ts";
export { keyIssue, nouns, oneOf, someOf } from "./schema-parts.ts";
export { JsonFault, parseStrictJson, type JsonNode } from "./strict-json.ts";
export { suggest } from "./suggestion.ts";
export { formatPosition, positionsIn, type TextPosition } from "./text-position.ts";
export { parseYaml, type YamlDocument, type YamlPath } from "./yaml-document.ts";
export { formatYaml } from "./yaml-text.ts";
// Schemas must be of the same zod whose classes `validate` looks at.
export { z } from "zod";
