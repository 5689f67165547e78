import type { Keyword } from './keyword.ts';
import { converted, hand, lost, noMeaning, oldSpelling, stays } from './keyword-rows.ts';
import {
  anything,
  nothing,
  oneWord,
  optional,
  optionalBool,
  something,
  timer,
  virtualTarget,
  whole,
} from './parameters.ts';
import { isRoot } from './script-words.ts';

const ownProcess = 'ipvsd has no checker process of its own; the service manager sets such things';
const ownSockets = 'ipvsd sets the buffers of its netlink sockets itself';
const noSnmp = 'ipvsd has no SNMP; "ipvsd status --json" has states and counters';
const noFifo =
  'ipvsd writes to no FIFO; notifyup, notifydown, quorumup and quorumdown run commands';
const noNft = 'every address of a group is a service of its own; ipvsd writes no nftables rules';
const ownReload =
  'ipvsd reads a file whole before it applies it, and keeps the old one after an error';
const ownScripts = 'commands run without a shell, as the user that ipvsd runs as';

/** Keywords outside of all blocks. */
export const rootKeywords: readonly Keyword[] = [
  converted('global_defs', nothing, 'global_defs'),
  converted('virtual_server_group', oneWord, 'list'),
  converted('virtual_server', virtualTarget, 'virtual_server'),
  converted('track_file', oneWord, 'track_file'),
  { ...converted('vrrp_track_file', oneWord, 'track_file'), oldSpellingOf: 'track_file' },
  converted('SSL', nothing, 'SSL'),
  hand('net_namespace', oneWord, 'start ipvsd in it: "ip netns exec NAME ipvsd ..."'),
  hand('net_namespace_ipvs', oneWord, 'start ipvsd in it: "ip netns exec NAME ipvsd ..."'),
  noMeaning('instance', oneWord, 'each file of ipvsd is an instance of its own'),
  noMeaning('use_pid_dir', nothing, 'each file of ipvsd has its own pid file'),
  noMeaning('child_wait_time', timer(0, 3600), 'ipvsd has no children to wait for'),
  noMeaning('config_copy_directory', oneWord, 'ipvsd makes no copy of its file'),
  ...['vrrp_instance', 'vrrp_sync_group', 'vrrp_script', 'vrrp_track_process', 'track_process'].map(
    (name) => stays(name, something, 'opaque'),
  ),
  ...['static_ipaddress', 'static_routes', 'static_rules', 'linkbeat_interfaces'].map((name) =>
    stays(name, anything, 'opaque'),
  ),
  ...['linkbeat_use_polling', 'interface_up_down_delays'].map((name) =>
    stays(name, anything, 'opaque'),
  ),
  ...['track_group', 'garp_group', 'bfd_instance'].map((name) => stays(name, anything, 'opaque')),
];

/** Keywords of global_defs that have to do with real and virtual servers, or with the program. */
export const globalKeywords: readonly Keyword[] = [
  // Mail
  converted('notification_email', nothing, 'list'),
  converted('notification_email_from', oneWord),
  converted('smtp_server', something),
  hand('smtp_helo_name', oneWord, 'ipvsd greets with the name of this machine'),
  noMeaning(
    'smtp_connect_timeout',
    timer(0, 4294),
    'mail servers get 30 seconds, which is the default of keepalived as well; a mail that fails is tried again',
  ),
  converted('smtp_alert', optionalBool),
  converted('smtp_alert_checker', optionalBool),
  converted('no_checker_emails', optionalBool),

  // Logging, notifiers, scripts
  noMeaning('checker_log_all_failures', optionalBool, 'every failed check is in the log'),
  lost(
    'rs_init_notifies',
    optionalBool,
    'notifyup runs when a server comes up, not for its place in the file',
  ),
  {
    ...hand(
      'script_user',
      something,
      `${ownScripts}; misc checks alone can have a user of their own`,
    ),
    isUsual: isRoot,
  },
  noMeaning('enable_script_security', nothing, ownScripts),
  noMeaning('use_symlink_paths', optionalBool, ownScripts),
  noMeaning('set_supplementary_groups', nothing, ownScripts),
  hand('startup_script', something, 'run it before ipvsd: ExecStartPre= of systemd'),
  hand('shutdown_script', something, 'run it after ipvsd: ExecStopPost= of systemd'),
  noMeaning('startup_script_timeout', whole(1, 1000), 'it goes with startup_script'),
  noMeaning('shutdown_script_timeout', whole(1, 1000), 'it goes with shutdown_script'),

  // The kernel
  converted('lvs_sync_daemon', something),
  converted('lvs_timeouts', something),
  hand(
    'lvs_flush',
    nothing,
    'ipvsd never touches services of others; for an empty table: "ipvsadm -C" before its start',
  ),
  converted('lvs_flush_on_stop', optional(oneWord)),
  oldSpelling('lvs_flush_onstop', 'lvs_flush_on_stop', optional(oneWord)),
  noMeaning('nftables_ipvs', optional(oneWord), noNft),
  noMeaning('nftables_ipvs_priority', whole(-2_147_483_648, 2_147_483_647), noNft),
  noMeaning('nftables_ipvs_start_fwmark', whole(1, 0xffff_ffff), noNft),
  noMeaning('nftables_counters', nothing, noNft),
  noMeaning('lvs_netlink_cmd_rcv_bufs', something, ownSockets),
  noMeaning('lvs_netlink_monitor_rcv_bufs', something, ownSockets),
  noMeaning('lvs_netlink_cmd_rcv_bufs_force', optionalBool, ownSockets),
  noMeaning('lvs_netlink_monitor_rcv_bufs_force', optionalBool, ownSockets),

  // Told to others
  lost('lvs_notify_fifo', something, noFifo),
  lost('lvs_notify_fifo_script', something, noFifo),
  lost('notify_fifo', something, noFifo),
  lost('notify_fifo_script', something, noFifo),
  lost('enable_snmp_checker', nothing, noSnmp),
  lost('enable_traps', nothing, noSnmp),
  noMeaning('snmp_socket', anything, noSnmp),
  noMeaning('snmp_vs_stats_update_interval', timer(0.001, 30), noSnmp),
  noMeaning('snmp_rs_stats_update_interval', timer(0.001, 30), noSnmp),

  // The process
  noMeaning('checker_priority', whole(-20, 19), ownProcess),
  noMeaning('checker_rt_priority', whole(1, 99), ownProcess),
  noMeaning('checker_rlimit_rttime', whole(1, 0xffff_ffff), ownProcess),
  noMeaning('checker_rlimit_rtime', whole(1, 0xffff_ffff), ownProcess),
  noMeaning('checker_no_swap', nothing, ownProcess),
  noMeaning('checker_cpu_affinity', something, ownProcess),
  noMeaning('max_auto_priority', optional(whole(-1, 99)), ownProcess),
  noMeaning('min_auto_priority_delay', whole(1, 10_000_000), ownProcess),
  noMeaning('checker_process_name', optional(oneWord), ownProcess),
  {
    ...noMeaning('lvs_process_name', optional(oneWord), ownProcess),
    oldSpellingOf: 'checker_process_name',
  },
  noMeaning('process_names', nothing, ownProcess),
  noMeaning('process_name', optional(oneWord), ownProcess),
  noMeaning('random_seed', whole(0, 0xffff_ffff), 'ipvsd spreads its checks by itself'),
  noMeaning('umask', something, ownProcess),
  noMeaning('include_check', anything, 'it counted while this file was read'),
  noMeaning('reload_check_config', optional(oneWord), ownReload),
  hand('reload_time_file', oneWord, 'autoreload=yes of ipvsd.cf(5) takes a changed file at once'),
  noMeaning('reload_repeat', nothing, 'it goes with reload_time_file'),
  hand('reload_file', optional(oneWord), 'replace the file itself: autoreload=yes of ipvsd.cf(5)'),
  noMeaning('config_save_dir', oneWord, 'keep versions of the file as of any other'),
  noMeaning('data_use_instance', optionalBool, 'ipvsd writes no state to /tmp; ask "ipvsd status"'),
  noMeaning('tmp_config_directory', oneWord, 'ipvsd makes no copy of its file'),
  noMeaning('fork_delay', timer(0, 3600), 'ipvsd has no children to wait for'),
  noMeaning('full_command', nothing, 'it is about the title of the process'),

  // VRRP, BFD and what they share with the rest
  stays('router_id', oneWord),
  stays('default_interface', oneWord),
  ...['disable_local_igmp', 'dynamic_interfaces', 'no_email_faults', 'nftables'].map((name) =>
    stays(name, anything),
  ),
  ...['nftables_priority', 'nftables_ifindex', 'smtp_alert_vrrp', 'snmp_server'].map((name) =>
    stays(name, anything),
  ),
  ...['enable_dbus', 'dbus_service_name', 'dbus_no_interface_name', 'log_unknown_vrids'].map(
    (name) => stays(name, anything),
  ),
  ...['enable_snmp_vrrp', 'enable_snmp_rfc', 'enable_snmp_rfcv2', 'enable_snmp_rfcv3'].map((name) =>
    stays(name, anything),
  ),
  ...['process_monitor_rcv_bufs', 'process_monitor_rcv_bufs_force', 'enable_snmp_keepalived'].map(
    (name) => stays(name, anything),
  ),
  ...['fifo_write_vrrp_states_on_reload', 'vmac_prefix', 'vmac_addr_prefix'].map((name) =>
    stays(name, anything),
  ),
];

/** Global keywords of VRRP and BFD are known by how they begin. */
export const foreignGlobal = /^(vrrp|bfd)_/;

export const sslKeywords: readonly Keyword[] = [
  converted('ca', oneWord),
  converted('certificate', oneWord),
  converted('key', oneWord),
  hand('password', oneWord, 'a key with a password cannot be read: take the password off the key'),
];

export const trackFileKeywords: readonly Keyword[] = [
  converted('file', oneWord),
  converted('weight', something),
  hand('init_file', anything, 'ipvsd writes no such file: have it there before ipvsd starts'),
];
