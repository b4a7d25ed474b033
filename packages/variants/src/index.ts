export { formatPosition } from "@bootstamp/declaration";
export type { Environment } from "./secret-store.ts";
export { expandVariants, type VariantPlan } from "./expand-variants.ts";
export { loadSpec, parseSpec, type LoadSpecOptions } from "./load-spec.ts";
export { renderVariant, type EditNote, type RenderedVariant } from "./render-variant.ts";
export type {
  BaseChoice,
  CompressionChoice,
  OutputChoice,
  PublishChoice,
  PublishSettings,
  ReserveChoice,
  Spec,
  StoreChoice,
  VariantGroup,
} from "./spec.ts";
export {
  SpecError,
  specErrorCodes,
  type SpecComplaint,
  type SpecErrorCode,
  type SpecPosition,
} from "./spec-error.ts";
export type { DigestName, StampsChoice } from "./spec-file.ts";
export { defaultKnownNames, specJsonSchema, type KnownFormat, type KnownNames } from "./spec-schema.ts";
export { canonicalForm, contentIdentity, variantIdentity } from "./variant-identity.ts";
