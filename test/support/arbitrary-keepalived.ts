import fc from 'fast-check';

/** Texts of keepalived.conf that keepalived takes, with all kinds of values in any order. */

const seconds = fc.constantFrom('0.25', '1', '2', '2.5', '10', '60');
const count = fc.integer({ min: 0, max: 5 }).map(String);
const port = fc.constantFrom('80', '8080', '443', '53');
const name = fc.constantFrom('www.example.com', '"www.example.com"', 'a-b.example');
const weight = fc.constantFrom('0', '1', '5', '100');
const yesNo = fc.constantFrom('', 'yes', 'off', 'true', 'no');
const hex = fc.constantFrom('00', '0aff', 'DEADBEEF');
const command = fc.constantFrom(
  '/bin/true',
  '"/bin/true a b"',
  `"/bin/sh -c 'exit 0 # no'"`,
  '"/bin/x \'a b\'" nobody',
  '\'/bin/echo "q"\'',
);
const none = fc.constant('');

type Values = Readonly<Record<string, fc.Arbitrary<string>>>;

const shared: Values = {
  weight,
  delay_loop: seconds,
  retry: count.map((text) => (text === '0' ? '1' : text)),
  delay_before_retry: seconds,
  warmup: seconds,
  connect_timeout: seconds,
  virtualhost: name,
  smtp_alert: yesNo,
  lvs_method: fc.constantFrom('NAT', 'DR', 'TUN', 'TUN type gue port 6080 csum', 'TUN type gre'),
  alpha: yesNo,
  inhibit_on_failure: yesNo,
};

const virtualValues: Values = {
  ...shared,
  lvs_sched: fc.constantFrom('rr', 'wrr', 'lc', 'wlc', 'sh', 'mh', 'sed'),
  'sh-port': none,
  'mh-fallback': none,
  'flag-3': none,
  ops: none,
  persistence_timeout: fc.constantFrom('', '1', '600'),
  persistence_engine: fc.constant('sip'),
  protocol: fc.constantFrom('TCP', 'udp', 'SCTP'),
  quorum: fc.constantFrom('1', '3', '500'),
  hysteresis: count,
  quorum_up: command,
  quorum_down: command,
  sorry_server: fc.constantFrom('10.9.0.9', '10.9.0.9 80', '10.9.0.8 8080'),
  sorry_server_inhibit: none,
  sorry_server_lvs_method: fc.constantFrom('NAT', 'DR', 'TUN'),
};

const realValues: Values = {
  ...shared,
  uthreshold: fc.constantFrom('0', '100'),
  lthreshold: fc.constantFrom('0', '50'),
  notify_up: command,
  notify_down: command,
};

const connection: Values = {
  connect_ip: fc.constantFrom('10.9.0.7', 'fd00:9::7'),
  connect_port: port,
  bindto: fc.constantFrom('10.9.0.1', 'fd00:9::1'),
  connect_timeout: seconds,
};

const rhythm: Values = {
  retry: count,
  delay_before_retry: seconds,
  warmup: seconds,
  delay_loop: seconds,
  alpha: yesNo,
  log_all_failures: yesNo,
};

const url: Values = {
  digest: fc.constant('6f5902ac237024bdd0c176cb93063dc4'),
  status_code: fc.constantFrom('200', '200 301-302', '100-599'),
  virtualhost: name,
  regex: fc.constantFrom('hello', '"a b"', `'say "x"'`, '"\\\\d+#"'),
  regex_no_match: none,
  regex_options: fc.constantFrom('caseless', 'dotall multiline'),
};

const checkValues: Readonly<Record<string, Values>> = {
  TCP_CHECK: { ...connection, ...rhythm },
  HTTP_GET: {
    ...connection,
    ...rhythm,
    virtualhost: name,
    http_protocol: fc.constantFrom('1.0', '1.0c', '1.1'),
  },
  SSL_GET: { ...connection, ...rhythm, enable_sni: none, sni_name: name },
  SMTP_CHECK: { ...connection, ...rhythm, helo_name: name },
  DNS_CHECK: { ...connection, ...rhythm, type: fc.constantFrom('A', 'MX'), name },
  UDP_CHECK: {
    ...connection,
    ...rhythm,
    payload: hex,
    require_reply: fc.constantFrom('', '0x', 'ff'),
    min_reply_length: count,
    max_reply_length: fc.constantFrom('5', '65535'),
  },
  PING_CHECK: { ...connection, ...rhythm },
  MISC_CHECK: { ...rhythm, misc_dynamic: none },
};

/** What a check cannot be without. */
const required: Readonly<Record<string, fc.Arbitrary<string>>> = {
  HTTP_GET: urls(),
  SSL_GET: urls(),
  MISC_CHECK: command.map((text) => `misc_timeout 30\nmisc_path ${text.replace(/ nobody$/, '')}`),
};

const check = fc
  .constantFrom(...Object.entries(checkValues))
  .chain(([keyword, values]) =>
    fc
      .tuple(lines(values), required[keyword] ?? none)
      .map(([some, more]) => `${keyword} {\n${some}\n${more}\n}`),
  );

const real = fc
  .tuple(
    fc.integer({ min: 2, max: 9 }),
    fc.constantFrom('', ' 80', ' 8080'),
    lines(realValues),
    fc.array(check, { maxLength: 3 }),
  )
  .map(([host, where, some, checks]) =>
    [`real_server 10.9.0.${host}${where} {`, some, ...checks, '}'].join('\n'),
  );

const target = fc.constantFrom('10.9.0.30 80', '10.9.0.31', 'fwmark 5', 'group web');

const group = 'virtual_server_group web {\n10.9.0.32-33 80\nfwmark 7\n}\n';

/** A whole file with one virtual server. */
export const keepalivedText: fc.Arbitrary<string> = fc
  .tuple(target, lines(virtualValues), fc.array(real, { minLength: 1, maxLength: 3 }))
  .map(([about, some, reals]) =>
    [`${group}virtual_server ${about} {`, some, ...reals, '}\n'].join('\n'),
  );

function lines(values: Values): fc.Arbitrary<string> {
  return fc
    .shuffledSubarray(Object.entries(values))
    .chain((rows) =>
      fc.tuple(...rows.map(([keyword, value]) => value.map((text) => `${keyword} ${text}`))),
    )
    .map((texts) => texts.join('\n'));
}

function urls(): fc.Arbitrary<string> {
  const path = fc.constantFrom('/', '/a#b', '"/with blank"', '/{x}').map((text) => {
    return /[#{]/.test(text) ? `"${text}"` : text;
  });
  return fc
    .array(
      fc.tuple(path, lines(url)).map(([where, some]) => `url {\npath ${where}\n${some}\n}`),
      { minLength: 1, maxLength: 3 },
    )
    .map((texts) => texts.join('\n'));
}
