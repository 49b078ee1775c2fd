/** An error that knows the next step. */
export class HintedError extends Error {
  readonly hint: string | null;

  constructor(message: string, hint: string | null) {
    super(message);
    this.name = "HintedError";
    this.hint = hint;
  }
}
