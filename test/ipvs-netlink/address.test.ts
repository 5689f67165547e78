import assert from 'node:assert/strict';
import { SocketAddress } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { addressFromBytes, addressToBytes, toInetAddress } from '../../src/ipvs-netlink/address.ts';

describe('addresses', () => {
  it('survive the way to bytes and back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (raw) => {
        const bytes = Buffer.from(raw);
        assert.deepEqual(addressToBytes('inet6', addressFromBytes('inet6', bytes)), bytes);
        const four = bytes.subarray(0, 4);
        assert.deepEqual(addressToBytes('inet', addressFromBytes('inet', four)), four);
      }),
    );
  });

  it('are read in every form that RFC 4291 allows, and printed as net.SocketAddress does', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const canonical = new SocketAddress({ family: 'ipv6', address }).address;
        assert.equal(addressFromBytes('inet6', addressToBytes('inet6', address)), canonical);
      }),
    );
  });

  for (const [given, canonical] of [
    ['::', '::'],
    ['::1', '::1'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['fe80:0000::0001', 'fe80::1'],
    ['1::', '1::'],
    ['::ffff:10.1.2.3', '::ffff:10.1.2.3'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ] as const) {
    it(`prints ${given} as ${canonical}`, () => {
      assert.equal(addressFromBytes('inet6', addressToBytes('inet6', given)), canonical);
    });
  }

  it('take the first four of sixteen bytes when they are IPv4', () => {
    assert.equal(toInetAddress('inet', '10.1.2.255').toString('hex'), `0a0102ff${'00'.repeat(12)}`);
    assert.equal(addressFromBytes('inet', toInetAddress('inet', '10.1.2.255')), '10.1.2.255');
  });

  for (const [family, address] of [
    ['inet', '::1'],
    ['inet', '10.0.0.256'],
    ['inet', '10.0.0'],
    ['inet', 'localhost'],
    ['inet', ''],
    ['inet6', '10.0.0.1'],
    ['inet6', 'fe80::1%eth0'],
    ['inet6', '1:2:3'],
    ['inet6', ''],
  ] as const) {
    it(`says that "${address}" is none of ${family}`, () => {
      assert.throws(() => addressToBytes(family, address), {
        name: 'AttributeError',
        message: new RegExp(`^expected an IPv. address.*, got "${address}"$`),
      });
    });
  }
});
