/** The blocks whose content is known keyword by keyword. */
export type BlockName =
  | 'root'
  | 'global_defs'
  | 'SSL'
  | 'track_file'
  | 'virtual_server'
  | 'real_server'
  | 'TCP_CHECK'
  | 'HTTP_GET'
  | 'SSL_GET'
  | 'url'
  | 'ssl_url'
  | 'SMTP_CHECK'
  | 'host'
  | 'DNS_CHECK'
  | 'UDP_CHECK'
  | 'PING_CHECK'
  | 'MISC_CHECK'
  | 'FILE_CHECK'
  | 'BFD_CHECK';

/** What becomes of a keyword in the new file. */
export type Fate =
  /** It is there, in whatever words. */
  | 'converted'
  /** It is about keepalived itself and has no counterpart to miss. */
  | 'no-meaning'
  /** What it did is not done any more. */
  | 'lost'
  /** It can be had, but not by this file. */
  | 'hand'
  /** It belongs to VRRP or BFD, which keepalived goes on doing. */
  | 'stays';

/** Looks at the parameters. @returns what was expected instead, undefined when they are right. */
export type Parameters = (words: readonly string[]) => string | undefined;

export interface Keyword {
  readonly name: string;
  readonly parameters: Parameters;
  readonly fate: Fate;
  /** What the operator is told; there for all fates but `converted` and `stays`. */
  readonly says?: string;
  /** Parameters that ask for what is so anyway: nothing is told then. */
  readonly isUsual?: (words: readonly string[]) => boolean;
  /** The block that it opens: one that is known, a list of words, or one that is not looked into. */
  readonly opens?: BlockName | 'list' | 'opaque';
  /** An old spelling of this keyword. */
  readonly oldSpellingOf?: string;
}
