import { type BerElement, berElements, berEnd, NotBerError } from './ber.ts';

/** Longest message that is taken: one entry without its attributes is far shorter. */
const longestMessage = 64 * 1024;

/** The tags that occur in what a server says (RFC 4511, appendix B). */
const tags = {
  boolean: 0x01,
  integer: 0x02,
  octetString: 0x04,
  enumerated: 0x0a,
  sequence: 0x30,
  set: 0x31,
  bindResponse: 0x61,
  searchResultEntry: 0x64,
  searchResultDone: 0x65,
  searchResultReference: 0x73,
  extendedResponse: 0x78,
  controls: 0xa0,
  referral: 0xa3,
  serverSaslCredentials: 0x87,
  responseName: 0x8a,
  responseValue: 0x8b,
} as const;

/**
 * Looks over the messages of an LDAP server before ldapts parses them, and lets only those through
 * that answer a bind or a search (RFC 4511, 4) and are whole. From others its parser makes lists
 * without end, until the memory of this process is used up, and a server must not be able to do that.
 *
 * @returns a function to call with each chunk; it throws Error when a message is malformed.
 */
export function messageInspector(): (chunk: Buffer) => void {
  let bytes = Buffer.alloc(0);
  return (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    try {
      for (;;) {
        expect(bytes.length === 0 || bytes[0] === tags.sequence);
        const end = berEnd(bytes, 0);
        if (end === undefined) return;
        expect(end <= longestMessage);
        if (end > bytes.length) return;
        const [message] = berElements(bytes.subarray(0, end));
        expectMessage(inside(message, tags.sequence));
        bytes = bytes.subarray(end);
      }
    } catch (error) {
      if (error instanceof NotBerError) throw new Error('not the answer of an LDAP server');
      throw error;
    }
  };
}

function expectMessage([id, operation, controls, ...surplus]: readonly BerElement[]): void {
  expect(id?.tag === tags.integer && id.content.length > 0 && id.content.length <= 4);
  expect(operation !== undefined && surplus.length === 0);
  const parts = berElements(operation.content);
  switch (operation.tag) {
    case tags.bindResponse:
    case tags.searchResultDone:
    case tags.extendedResponse:
      expectResult(parts);
      break;
    case tags.searchResultEntry:
      expectEntry(parts);
      break;
    case tags.searchResultReference:
      expectStrings(parts);
      break;
    default:
      expect(false);
  }
  if (controls === undefined) return;
  for (const control of inside(controls, tags.controls)) {
    expectControl(inside(control, tags.sequence));
  }
}

/** 4.1.9; what may follow depends on the operation. */
function expectResult([code, dn, text, ...more]: readonly BerElement[]): void {
  expect(code?.tag === tags.enumerated && code.content.length === 1);
  expectStrings([dn, text]);
  for (const { tag, content } of more) {
    if (tag === tags.referral) expectStrings(berElements(content));
    else expect(late.includes(tag));
  }
}

const late: readonly number[] = [tags.serverSaslCredentials, tags.responseName, tags.responseValue];

/** 4.5.2 */
function expectEntry([dn, attributes, ...surplus]: readonly BerElement[]): void {
  expectStrings([dn]);
  expect(surplus.length === 0);
  for (const attribute of inside(attributes, tags.sequence)) {
    const [type, values, ...more] = inside(attribute, tags.sequence);
    expectStrings([type]);
    expectStrings(inside(values, tags.set));
    expect(more.length === 0);
  }
}

/** 4.1.11 */
function expectControl([type, ...rest]: readonly BerElement[]): void {
  expectStrings([type]);
  const [first] = rest;
  const critical = first?.tag === tags.boolean;
  if (critical) expect(first.content.length === 1);
  const values = critical ? rest.slice(1) : rest;
  expect(values.length <= 1);
  expectStrings(values);
}

function expectStrings(elements: readonly (BerElement | undefined)[]): void {
  for (const element of elements) expect(element?.tag === tags.octetString);
}

/** The elements of which an element of that tag is made. */
function inside(element: BerElement | undefined, tag: number): readonly BerElement[] {
  expect(element?.tag === tag);
  return berElements(element.content);
}

function expect(holds: boolean): asserts holds {
  if (!holds) throw new NotBerError();
}
