/** One byte that says what it is, and the length of the rest with itself in it. */
const headerLength = 5;

/** Longest ErrorResponse or NoticeResponse that is taken. */
const longestReport = 64 * 1024;

/**
 * Looks over the messages of a PostgreSQL server before pg parses them. Its parser never returns from
 * an ErrorResponse or NoticeResponse whose list of fields has no end (PostgreSQL manual, 55.8), and a
 * server must not be able to stop this process. Everything else it can be left alone with.
 *
 * @returns a function to call with each chunk; it throws Error when a message is malformed.
 */
export function frameInspector(): (chunk: Buffer) => void {
  let header = Buffer.alloc(0);
  /** What is still to come of the message, and what is kept of it. */
  let missing = 0;
  let kept: Buffer[] | undefined;
  return (chunk) => {
    let rest = chunk;
    while (rest.length > 0) {
      if (missing === 0) {
        const begun = header.length;
        header = Buffer.concat([header, rest.subarray(0, headerLength - begun)]);
        rest = rest.subarray(headerLength - begun);
        if (header.length < headerLength) return;
        missing = bodyLength(header);
        kept = isReport(header) ? [] : undefined;
        header = Buffer.alloc(0);
      }
      const part = rest.subarray(0, missing);
      rest = rest.subarray(part.length);
      missing -= part.length;
      kept?.push(part);
      if (missing === 0 && kept !== undefined) expectEnd(Buffer.concat(kept));
    }
  };
}

function isReport(header: Buffer): boolean {
  const type = String.fromCharCode(header.readUInt8(0));
  return type === 'E' || type === 'N';
}

function bodyLength(header: Buffer): number {
  const length = header.readUInt32BE(1) - 4;
  if (length < 0 || (isReport(header) && length > longestReport)) throw malformed();
  // A report without a body lacks its end too, and would never be looked at.
  if (length === 0 && isReport(header)) throw malformed();
  return length;
}

/** Fields are a byte and a text that ends with NUL; a NUL in place of the byte ends the list. */
function expectEnd(body: Buffer): void {
  let position = 0;
  while (body[position] !== 0) {
    position = body.indexOf(0, position + 1) + 1;
    if (position === 0 || position >= body.length) throw malformed();
  }
}

function malformed(): Error {
  return new Error('not the answer of a PostgreSQL server');
}
