/** How to reach a gateway. */
export interface GatewayFacts {
  readonly endpoint: string;
  /** Where all its files are. */
  readonly folder: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}
