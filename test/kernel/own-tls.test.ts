import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import type { CheckOutcome } from '../../src/checks/check.ts';
import type { TlsSettings } from '../../src/config/check-target.ts';
import { type Authority, makeAuthority } from '../support/certificates.ts';
import { type Ipvsd, ipvsdOn, savedTable } from '../support/ipvsd.ts';
import { checkOf, run } from '../support/real-servers/check.ts';
import { dovecotPorts, startDovecot } from '../support/real-servers/dovecot.ts';
import { type RealServer, sharedDirectory } from '../support/real-servers/real-server.ts';
import { baseDn, slapdPorts, startSlapd } from '../support/real-servers/slapd.ts';
import { tlsFixture } from '../support/tls-identity.ts';
import type { HostProcess } from '../support/topology/host-process.ts';
import { createTopology, type Topology } from '../support/topology.ts';
import { waitUntil } from '../support/wait-until.ts';

const directory = sharedDirectory('own-tls');
const patienceMs = 60_000;
const statusSchema = z.array(
  z.object({
    virtuals: z.array(
      z.object({
        label: z.string(),
        reals: z.array(
          z.object({
            lastCheck: z
              .object({
                up: z.boolean(),
                reason: z.string(),
                warning: z.string().optional(),
              })
              .optional(),
          }),
        ),
      }),
    ),
  }),
);

/** One virtual server for each row, all of them asking one nginx. */
interface Row {
  readonly name: string;
  /** Where nginx listens. */
  readonly port: number;
  readonly lines: readonly string[];
  readonly family?: 'inet6';
  readonly up: boolean;
  readonly reason: RegExp;
  readonly warning?: RegExp;
}

const ports = { sites: 4431, expired: 4432, ending: 4433, clients: 4434, mirror: 4435 } as const;

/** Further addresses of the director. */
const second = { ipv4: '10.9.0.77', ipv6: 'fd00:9::77' } as const;

function rowsFor(files: Readonly<Record<'ca' | 'other' | 'changing', string>>, client: string) {
  const { ca, other } = files;
  const good = { up: true, reason: /^200 OK$/ } as const;
  const shop = 'shop.example.com';
  const site = { port: ports.sites } as const;
  const rows: readonly Row[] = [
    { ...site, ...good, name: 'none takes anything', lines: ['verify=none'] },
    { ...site, ...good, name: 'ca with the right authority', lines: [`cafile=${ca}`] },
    {
      ...site,
      name: "ca with the machine's authorities",
      lines: [],
      up: false,
      reason:
        /^certificate not trusted: unable to (get local issuer|verify the first) certificate$/,
    },
    {
      ...site,
      name: 'ca with another authority',
      lines: [`cafile=${other}`],
      up: false,
      reason: /^certificate not trusted: /,
    },
    {
      ...site,
      ...good,
      name: 'full with the name in sni',
      lines: ['verify=full', `cafile="${ca}"`, 'sni=www.example.com'],
    },
    {
      ...site,
      ...good,
      name: 'full with the name in virtualhost, which is not indicated',
      lines: ['verify=full', `cafile=${ca}`, 'virtualhost=www.example.com'],
    },
    {
      ...site,
      name: 'full with another name',
      lines: ['verify=full', `cafile=${ca}`, 'sni=nobody.example.com'],
      up: false,
      reason: /^certificate not trusted: Hostname\/IP does not match .*nobody\.example\.com/,
    },
    {
      ...site,
      name: 'full with the address, which is not in the certificate',
      lines: ['verify=full', `cafile=${ca}`],
      up: false,
      reason: /^certificate not trusted: .*10\.9\.0\.101/,
    },
    {
      ...site,
      ...good,
      name: 'sni selects the certificate, and virtualhost the page',
      lines: [
        'verify=full',
        `cafile=${ca}`,
        `sni=${shop}`,
        `virtualhost=${shop}`,
        'receive="shop"',
      ],
    },
    {
      ...site,
      name: 'without sni it is the certificate of the first site',
      lines: ['verify=full', `cafile=${ca}`, `virtualhost=${shop}`, 'receive="shop"'],
      up: false,
      reason: /^certificate not trusted: .*shop\.example\.com/,
    },
    {
      port: ports.expired,
      name: 'ca with an expired certificate',
      lines: [`cafile=${ca}`],
      up: false,
      reason: /^certificate not trusted: certificate has expired$/,
    },
    {
      port: ports.expired,
      ...good,
      name: 'none with an expired certificate, and certwarn',
      lines: ['verify=none', 'certwarn=1'],
      warning: /^certificate has expired$/,
    },
    {
      port: ports.ending,
      ...good,
      name: 'certwarn with a certificate that ends before',
      lines: [`cafile=${ca}`, 'certwarn=10'],
      warning: /^certificate ends in [45] days$/,
    },
    {
      port: ports.ending,
      ...good,
      name: 'certwarn with a certificate that ends later',
      lines: [`cafile=${ca}`, 'certwarn=3'],
    },
    {
      port: ports.clients,
      name: 'no client certificate where one is wanted',
      lines: [`cafile=${ca}`],
      up: false,
      reason: /^400 /,
    },
    {
      port: ports.clients,
      ...good,
      name: 'clientcert and clientkey',
      lines: [`cafile=${ca}`, `clientcert=${client}.pem`, `clientkey=${client}.key`],
    },
    {
      port: ports.clients,
      name: 'a client certificate of another authority',
      lines: [`cafile=${ca}`, `clientcert=${client}-other.pem`, `clientkey=${client}-other.key`],
      up: false,
      reason: /^400 /,
    },
    {
      ...site,
      name: 'a cafile that is not there',
      lines: ['cafile=/nowhere/ca.pem'],
      up: false,
      reason: /^"\/nowhere\/ca\.pem" cannot be read: no such file or directory$/,
    },
    {
      ...site,
      name: 'a cafile that is a folder',
      lines: ['cafile=/etc'],
      up: false,
      reason: /^"\/etc" cannot be read: it is a directory, expected a regular file$/,
    },
    {
      port: ports.clients,
      name: 'a clientkey of another certificate',
      lines: ['verify=none', `clientcert=${client}.pem`, `clientkey=${client}-other.key`],
      up: false,
      reason: /^".*client\.pem" with ".*client-other\.key" cannot be used: .*key values mismatch/,
    },
    {
      port: ports.mirror,
      ...good,
      name: 'checkfrom',
      lines: ['verify=none', `checkfrom=${second.ipv4}`, `receive="^${second.ipv4}$"`],
    },
    {
      port: ports.mirror,
      ...good,
      family: 'inet6',
      name: 'checkfrom over IPv6',
      lines: ['verify=none', `checkfrom=${second.ipv6}`, `receive="^${second.ipv6}$"`],
    },
    {
      port: ports.mirror,
      ...good,
      name: 'without checkfrom, as the routes say',
      lines: ['verify=none', 'receive="^10.9.0.1$"'],
    },
    {
      port: ports.mirror,
      name: 'a checkfrom that the machine does not have',
      lines: ['verify=none', 'checkfrom=10.9.0.78'],
      up: false,
      reason: /^checkfrom: "10\.9\.0\.78" is no address of this machine$/,
    },
    {
      port: ports.mirror,
      family: 'inet6',
      name: 'a checkfrom that the machine does not have, over IPv6',
      lines: ['verify=none', 'checkfrom=fd00:9::78'],
      up: false,
      reason: /^checkfrom: "fd00:9::78" is no address of this machine$/,
    },
    // the last one: a test changes its file
    {
      ...site,
      name: 'a cafile that changes',
      lines: [`cafile=${files.changing}`],
      up: false,
      reason: /^certificate not trusted: /,
    },
  ];
  return rows;
}

function entryOf({ port, family }: Row, index: number): string {
  const at = family === 'inet6' ? ['[fd00:9::200]', '[fd00:9::101]'] : ['10.9.0.200', '10.9.0.101'];
  return `-a -t ${at[0]}:${1001 + index} -r ${at[1]}:${port} -m -w 1`;
}

function configOf(rows: readonly Row[]): string {
  const sections = rows.map(({ port, lines, family }, index) =>
    [
      family === 'inet6'
        ? `virtual6=[fd00:9::200]:${1001 + index}`
        : `virtual=10.9.0.200:${1001 + index}`,
      family === 'inet6' ? `\treal6=[fd00:9::101]:${port} masq` : `\treal=10.9.0.101:${port} masq`,
      '\tservice=https',
      '\trequest="index.html"',
      ...lines.map((line) => `\t${line}`),
      '',
    ].join('\n'),
  );
  return ['checkinterval=4', 'quiescent=no', '', ...sections, ''].join('\n');
}

describe('https checks of nginx', () => {
  let net: Topology;
  let ipvsd: Ipvsd;
  let daemon: HostProcess;
  let authority: Authority;
  let rows: readonly Row[];
  const changing = path.join(directory, 'changing.pem');

  const lastChecks = async () => {
    const { stdout } = await ipvsd.call('status', '--json');
    const [instance] = statusSchema.parse(JSON.parse(stdout));
    return (instance?.virtuals ?? []).map(({ reals }) => reals[0]?.lastCheck);
  };

  before(async () => {
    net = await createTopology({ reals: 1 });
    authority = await makeAuthority(directory, 'right');
    const other = await makeAuthority(directory, 'other');
    const [www, shop] = [
      await authority.issue('www.example.com'),
      await authority.issue('shop.example.com'),
    ];
    const client = path.join(directory, 'client');
    for (const [stem, certificate] of [
      [client, await authority.issue('director')],
      [`${client}-other`, await other.issue('director')],
    ] as const) {
      copyFileSync(certificate.certificateFile, `${stem}.pem`);
      copyFileSync(certificate.keyFile, `${stem}.key`);
    }
    copyFileSync(other.caFile, changing);
    await net.reals[0]?.nginx({
      sites: [
        { port: ports.sites, name: 'www.example.com', ...www, text: 'the front page' },
        { port: ports.sites, name: 'shop.example.com', ...shop, text: 'the shop' },
        {
          port: ports.expired,
          name: 'www.example.com',
          ...(await authority.issue('www.example.com', -1)),
          text: 'old',
        },
        {
          port: ports.ending,
          name: 'www.example.com',
          ...(await authority.issue('www.example.com', 5)),
          text: 'soon',
        },
        {
          port: ports.clients,
          name: 'www.example.com',
          ...www,
          clientCaFile: authority.caFile,
          text: 'for some',
        },
        { port: ports.mirror, name: 'www.example.com', ...www, text: '$remote_addr' },
      ],
    });
    await net.director.addAddress(`${second.ipv4}/32`);
    await net.director.addAddress(`${second.ipv6}/128`);
    rows = rowsFor({ ca: authority.caFile, other: other.caFile, changing }, client);
    ipvsd = ipvsdOn(net.director, `${net.directory}/etc`, 'tls.cf', configOf(rows));
    daemon = await ipvsd.run();
  });
  after(() => net.teardown());

  it('find what verify, cafile, sni, clientcert and certwarn say', async () => {
    let checks: Awaited<ReturnType<typeof lastChecks>> = [];
    await waitUntil('each is checked', patienceMs, async () => {
      checks = await lastChecks();
      return checks.every((check) => check !== undefined);
    });
    const table = await savedTable(net.director);
    for (const [index, row] of rows.entries()) {
      const { name, up, reason, warning } = row;
      const check = checks[index];
      assert.ok(check !== undefined, name);
      assert.match(check.reason, reason, name);
      assert.equal(check.up, up, name);
      if (warning === undefined) assert.equal(check.warning, undefined, name);
      else assert.match(check.warning ?? '', warning, name);
      assert.equal(table.includes(entryOf(row, index)), up, name);
    }
  });

  it('log the end of a certificate, and a file that cannot be used', () => {
    const log = daemon.output();
    assert.match(
      log,
      /certificate ends in [45] days.*Warning about real server: tcp:10\.9\.0\.200:1013/,
    );
    assert.match(log, /Cannot check, health stays as it is: tcp:10\.9\.0\.200:1018/);
  });

  it('follow a cafile that changes, without a reload', async () => {
    const entry = `-a -t 10.9.0.200:${1000 + rows.length} -r 10.9.0.101:${ports.sites} -m -w 1`;
    assert.ok(!(await savedTable(net.director)).includes(entry));
    copyFileSync(authority.caFile, changing);
    await waitUntil('the server comes up', patienceMs, async () =>
      (await savedTable(net.director)).includes(entry),
    );
  });

  it('leave a server in service whose checkfrom is lost, and say so', async () => {
    const index = rows.findIndex(({ name }) => name === 'checkfrom');
    const [row] = rows.slice(index);
    assert.ok(row !== undefined);
    assert.ok((await savedTable(net.director)).includes(entryOf(row, index)));
    const lost = new RegExp(`Cannot check, .*:${1001 + index}`);
    assert.doesNotMatch(daemon.output(), lost);
    await net.director.removeAddress(`${second.ipv4}/32`);
    await daemon.waitForOutput(lost, patienceMs);
    assert.match((await lastChecks())[index]?.reason ?? '', /^checkfrom: "10\.9\.0\.77" is no/);
    assert.ok((await savedTable(net.director)).includes(entryOf(row, index)));
    await daemon.stop();
  });
});

const strict = (changes: Partial<TlsSettings>): TlsSettings => ({
  verify: 'full',
  sni: '',
  certWarnDays: 0,
  ...changes,
});

describe('imaps and pops checks of dovecot', () => {
  let dovecot: RealServer;
  const ca = tlsFixture('ca.pem');
  before(async () => {
    dovecot = await startDovecot(path.join(directory, 'dovecot'));
  });
  after(() => dovecot.stop());

  for (const service of ['imaps', 'pops'] as const) {
    for (const address of ['127.0.0.1', '::1']) {
      const ask = (tls: TlsSettings): Promise<CheckOutcome> =>
        run(checkOf(service, { address, port: dovecotPorts[service] }, { tls }));

      it(`verify chain, name and end for ${service} at ${address}`, async () => {
        const other = (await makeAuthority(directory, `other-${service}`)).caFile;
        const name = 'www.example.com';
        assert.equal((await ask(strict({ caFile: ca, sni: name }))).up, true);
        assert.equal((await ask(strict({ verify: 'ca', caFile: ca }))).up, true);
        assert.equal((await ask(strict({ verify: 'none', caFile: other }))).up, true);
        const wrongCa = await ask(strict({ verify: 'ca', caFile: other }));
        assert.match(
          wrongCa.reason,
          /^certificate not trusted: unable to (verify|get local issuer)/,
        );
        assert.equal(wrongCa.up, false);
        const wrongName = await ask(strict({ caFile: ca, sni: 'mail.example.com' }));
        assert.match(wrongName.reason, /^certificate not trusted: .*mail\.example\.com/);
        assert.equal(wrongName.up, false);
        // valid for a hundred years
        const far = await ask(strict({ caFile: ca, sni: name, certWarnDays: 3650 }));
        assert.equal(far.warning, undefined);
        const near = await ask(strict({ caFile: ca, sni: name, certWarnDays: 365_000 }));
        assert.match(near.warning ?? '', /^certificate ends in \d+ days$/);
        assert.equal(near.up, true);
      });
    }
  }
});

describe('ldaps checks of slapd', () => {
  let slapd: RealServer;
  let authority: Authority;
  let client: Awaited<ReturnType<Authority['issue']>>;

  const ask = (changes: Partial<TlsSettings>): Promise<CheckOutcome> =>
    run(
      checkOf(
        'ldaps',
        { address: '::1', port: slapdPorts.ldaps },
        { request: `/${baseDn}`, tls: strict({ caFile: authority.caFile, ...changes }) },
      ),
    );
  const shown = () => ({ clientCert: client.certificateFile, clientKey: client.keyFile });

  before(async () => {
    authority = await makeAuthority(directory, 'ldaps');
    client = await authority.issue('director');
    slapd = await startSlapd(path.join(directory, 'slapd'), {
      ...(await authority.issue('ldap.example.com', 5)),
      clientCaFile: authority.caFile,
    });
  });
  after(() => slapd.stop());

  it('show a client certificate, and verify the name', async () => {
    const outcome = await ask({ ...shown(), sni: 'ldap.example.com' });
    assert.deepEqual(outcome, { up: true, reason: baseDn });
  });

  it('are down without a client certificate, or with that of another authority', async () => {
    const sni = 'ldap.example.com';
    assert.equal((await ask({ sni })).up, false);
    const other = await (await makeAuthority(directory, 'ldaps-other')).issue('director');
    const wrong = { clientCert: other.certificateFile, clientKey: other.keyFile };
    const outcome = await ask({ sni, ...wrong });
    assert.equal(outcome.up, false);
    assert.equal(outcome.inconclusive, undefined);
  });

  it('are down with another name or authority', async () => {
    const wrongName = await ask({ ...shown(), sni: 'www.example.com' });
    assert.match(wrongName.reason, /^certificate not trusted: .*www\.example\.com/);
    const wrongCa = await ask({ ...shown(), verify: 'ca', caFile: tlsFixture('ca.pem') });
    assert.match(wrongCa.reason, /^certificate not trusted: /);
    for (const { up } of [wrongName, wrongCa]) assert.equal(up, false);
  });

  it('warn of the end of the certificate', async () => {
    const asked = { ...shown(), sni: 'ldap.example.com' };
    const near = await ask({ ...asked, certWarnDays: 10 });
    assert.match(near.warning ?? 'none', /^certificate ends in [45] days$/);
    assert.equal((await ask({ ...asked, certWarnDays: 3 })).warning, undefined);
  });
});
