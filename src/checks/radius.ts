import { createHash, randomInt, timingSafeEqual } from 'node:crypto';
import radius from 'radius';
import type { NegotiateCheck } from '../config/check-model.ts';
import type { Check } from './check.ts';
import { askByDatagram, everySecond } from './datagram.ts';
import { ipv6Digits } from './ipv6-digits.ts';

/** RFC 2865, 4. */
const answers: Readonly<Record<number, string>> = {
  2: 'Access-Accept',
  3: 'Access-Reject',
  11: 'Access-Challenge',
};

/** Code, identifier, length, authenticator (RFC 2865, 3). */
const headerLength = 20;

/**
 * The check of radius (RFC 2865): asks whether login and passwd are right, and is up at an
 * Access-Accept. The request carries a Message-Authenticator, without which newer servers do not
 * answer. An answer whose authenticator was not made with the secret is passed over, as the RFC
 * wants it, so that a wrong secret looks like no answer.
 */
export const checkRadius: Check<NegotiateCheck> = async (definition, { signal }) => {
  let request: Buffer = Buffer.alloc(0);
  const { target, timeoutMs, secret } = definition;
  const answer = await askByDatagram({
    target,
    request: ({ address }) => {
      request = accessRequest(definition, address);
      return request;
    },
    // The same packet again, so that the server can tell that it is (RFC 5080, 2.2.1).
    resendAfterMs: everySecond(timeoutMs),
    read: (datagram) => answerTo(request, datagram, secret),
    signal,
  });
  return { up: answer === 'Access-Accept', reason: answer };
};

function accessRequest({ login, passwd, secret }: NegotiateCheck, local: string): Buffer {
  return radius.encode({
    code: 'Access-Request',
    secret,
    identifier: randomInt(256),
    attributes: [['User-Name', login], ['User-Password', passwd], nasAddress(local)],
    add_message_authenticator: true,
  });
}

/** Who asks: RFC 2865, 5.4, and RFC 3162, 2.1. */
function nasAddress(local: string): [string, string | Buffer] {
  if (!local.includes(':')) return ['NAS-IP-Address', local];
  return ['NAS-IPv6-Address', Buffer.from(ipv6Digits(local), 'hex')];
}

/**
 * @returns the name of the answer; undefined when it is none to that request. The authenticator is
 * MD5(Code + ID + Length + RequestAuth + Attributes + Secret) (RFC 2865, 3).
 */
function answerTo(request: Buffer, datagram: Buffer, secret: string): string | undefined {
  if (datagram.length < headerLength || datagram[1] !== request[1]) return undefined;
  const length = datagram.readUInt16BE(2);
  // What is beyond the length is padding.
  if (length < headerLength || length > datagram.length) return undefined;
  const authenticator = createHash('md5')
    .update(datagram.subarray(0, 4))
    .update(request.subarray(4, headerLength))
    .update(datagram.subarray(headerLength, length))
    .update(secret)
    .digest();
  if (!timingSafeEqual(authenticator, datagram.subarray(4, headerLength))) return undefined;
  return answers[datagram.readUInt8(0)];
}
