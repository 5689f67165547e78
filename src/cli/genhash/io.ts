/** Where the output goes. */
export interface GenhashIo {
  out(bytes: Buffer | string): void;
  err(text: string): void;
  /** Resolves when what was put out has gone its way; undefined: more can come at once. */
  room?(): Promise<void> | undefined;
}

/** A line on stderr, with the program's name before it. */
export function complain(io: GenhashIo, subject: string, message: string): void {
  io.err(`ipvsd: genhash: ${subject}: ${message}\n`);
}
