import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { findKeyword, keywords } from '../../../src/config/keepalived/keywords.ts';
import {
  fixtureWords,
  isRefused,
  keepalivedFixturePath,
  keepalivedFixtures,
} from '../../support/keepalived-fixtures.ts';

describe('the keyword tables', () => {
  const used = new Set(keepalivedFixtures.filter((name) => !isRefused(name)).flatMap(fixtureWords));

  it('have a fixture for each keyword that does not stay with keepalived', () => {
    const missing = Object.entries(keywords).flatMap(([block, rows]) =>
      rows
        .filter(({ fate, name }) => fate !== 'stays' && !used.has(`${block} ${name}`))
        .map(({ name }) => `${block} ${name}`),
    );
    assert.deepEqual(missing, []);
  });

  it('have each keyword of a block once', () => {
    for (const [block, rows] of Object.entries(keywords)) {
      const names = rows.map(({ name }) => name);
      assert.deepEqual(names, [...new Set(names)], block);
    }
  });

  it('say something of each keyword that is not just converted', () => {
    for (const { fate, name, says = '' } of Object.values(keywords).flat()) {
      assert.equal(says !== '', fate !== 'converted' && fate !== 'stays', name);
    }
  });

  it('have all keywords of VRRP and BFD in global_defs', () => {
    assert.equal(findKeyword('global_defs', 'vrrp_garp_master_delay')?.fate, 'stays');
    assert.equal(findKeyword('global_defs', 'bfd_priority')?.fate, 'stays');
    assert.equal(findKeyword('virtual_server', 'vrrp_strict'), undefined);
  });
});

/**
 * The keywords of the specification that this work follows (sections 2 and 3), which is to be found
 * in the tables whole.
 */
const specified: Readonly<Record<string, string>> = {
  root: `net_namespace net_namespace_ipvs instance use_pid_dir child_wait_time SSL track_file
    virtual_server_group virtual_server global_defs`,
  global_defs: `notification_email notification_email_from smtp_server smtp_helo_name
    smtp_connect_timeout smtp_alert smtp_alert_checker no_checker_emails checker_log_all_failures
    rs_init_notifies lvs_sync_daemon lvs_timeouts lvs_flush lvs_flush_on_stop lvs_flush_onstop
    nftables_ipvs nftables_ipvs_priority nftables_ipvs_start_fwmark nftables_counters lvs_notify_fifo
    lvs_notify_fifo_script notify_fifo notify_fifo_script checker_priority checker_rt_priority
    checker_rlimit_rttime checker_no_swap checker_cpu_affinity max_auto_priority
    min_auto_priority_delay checker_process_name lvs_process_name process_names snmp_socket
    enable_traps enable_snmp_checker snmp_vs_stats_update_interval snmp_rs_stats_update_interval
    script_user enable_script_security use_symlink_paths set_supplementary_groups
    lvs_netlink_cmd_rcv_bufs lvs_netlink_monitor_rcv_bufs lvs_netlink_cmd_rcv_bufs_force
    lvs_netlink_monitor_rcv_bufs_force reload_check_config reload_time_file reload_repeat reload_file
    config_save_dir tmp_config_directory router_id random_seed umask startup_script shutdown_script
    startup_script_timeout shutdown_script_timeout include_check`,
  SSL: 'password ca certificate key',
  track_file: 'file init_file weight',
  virtual_server: `ip_family delay_loop retry delay_before_retry warmup connect_timeout
    inhibit_on_failure lvs_sched lb_algo lvs_method lb_kind hashed ops flag-1 flag-2 flag-3 sh-port
    sh-fallback mh-port mh-fallback persistence_engine persistence_timeout persistence_granularity
    protocol ha_suspend smtp_alert virtualhost snmp_name alpha omega quorum hysteresis quorum_up
    quorum_down weight sorry_server sorry_server_inhibit sorry_server_lvs_method real_server`,
  real_server: `weight lvs_method uthreshold lthreshold inhibit_on_failure notify_up notify_down alpha
    retry delay_before_retry warmup connect_timeout delay_loop smtp_alert virtualhost snmp_name
    TCP_CHECK HTTP_GET SSL_GET SMTP_CHECK DNS_CHECK UDP_CHECK PING_CHECK MISC_CHECK FILE_CHECK
    BFD_CHECK`,
  TCP_CHECK: `connect_ip connect_port bindto bind_port bind_if connect_timeout fwmark retry
    delay_before_retry warmup delay_loop alpha log_all_failures`,
  HTTP_GET: 'nb_get_retry virtualhost http_protocol enable_sni sni_name fast_recovery url',
  SSL_GET:
    'nb_get_retry virtualhost http_protocol enable_sni sni_name fast_recovery tls_compliant url',
  url: `path digest status_code virtualhost regex regex_no_match regex_options regex_min_offset
    regex_max_offset regex_stack`,
  ssl_url: 'path digest status_code virtualhost regex tls_compliant',
  SMTP_CHECK: 'helo_name host retry',
  DNS_CHECK: 'type name retry',
  UDP_CHECK: 'payload require_reply min_reply_length max_reply_length retry',
  PING_CHECK: 'connect_ip bindto retry',
  MISC_CHECK: 'misc_path misc_timeout misc_dynamic user retry',
  FILE_CHECK: 'track_file weight',
  BFD_CHECK: 'name alpha',
};

describe('the keywords of keepalived', () => {
  for (const [block, names] of Object.entries(specified)) {
    it(`of ${block} are known`, () => {
      const known = new Map(Object.entries(keywords)).get(block) ?? [];
      const unknown = names.split(/\s+/).filter((name) => !known.some((row) => row.name === name));
      assert.deepEqual(unknown, []);
    });
  }

  it('are of our own fixtures: each stands in some file of the folder', () => {
    const folder = keepalivedFixturePath('');
    const texts = readdirSync(folder).filter((name) => name.endsWith('.conf'));
    assert.ok(texts.length >= 30);
    for (const name of texts) assert.ok(readFileSync(join(folder, name), 'utf8').length > 0, name);
  });
});
