/** Thrown to end with the status of another program, which has told people itself what was wrong. */
export class ExitStatus extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`status ${status}`);
    this.status = status;
  }
}
