/** Where the output goes. */
export interface GenhashIo {
  out(bytes: Buffer | string): void;
  err(text: string): void;
}

/** A line on stderr, with the program's name before it. */
export function complain(io: GenhashIo, subject: string, message: string): void {
  io.err(`ipvsd: genhash: ${subject}: ${message}\n`);
}
