import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keepalivedServices } from '../../../src/doctor/gather/managers.ts';

describe('the services of a keepalived.conf', () => {
  it('are its virtual servers, by address and port or mark', () => {
    const text = `
vrrp_instance one { interface eth0 }
virtual_server 10.9.0.200 80 { delay_loop 6 }
! virtual_server 10.9.0.201 80 {
  virtual_server fd00::1 443 { # IPv6
virtual_server fwmark 5{
virtual_server_group later { 10.9.0.1 80 }
`;
    assert.deepEqual(keepalivedServices(text), {
      value: ['10.9.0.200:80', '[fd00::1]:443', 'fwmark 5'],
    });
  });

  it('are not known with groups or further files', () => {
    assert.ok('unknown' in keepalivedServices('virtual_server group web {\n}\n'));
    assert.ok('unknown' in keepalivedServices('include /etc/keepalived/conf.d/*.conf\n'));
  });

  it('are none with VRRP alone', () => {
    assert.deepEqual(keepalivedServices('vrrp_instance one {\n}\n'), { value: [] });
  });
});
