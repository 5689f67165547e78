import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Topology } from '../topology.ts';
import { contrib } from './agents.ts';
import { type ClusterNode, createNode, type NodeOptions } from './node.ts';

/** A recipe of contrib/examples, whose machines are built from its files, word for word. */
export interface Recipe {
  /** A file of the recipe, or of another folder of contrib: `../../keepalived/ipvsd-vrrp`. */
  file(name: string): string;
  /**
   * Puts files where their readers look, into a machine's folders or the machine's own /etc, which
   * is thrown away after the test and the same for all.
   */
  install(files: Readonly<Record<string, string>>): Promise<void>;
  /** The command and what else the recipe wants in /etc/default/ipvsd. */
  writeDefaults(command: string): Promise<void>;
  /** What a machine is made of, with folders of its own; the folders are there, empty. */
  machine(
    name: string,
    hostName: string,
    folders: Readonly<Record<string, string>>,
  ): Promise<NodeOptions>;
  /** A web server: nginx on Debian's own nginx.conf, with sites, pages and logs of its own. */
  webServer(name: string, hostName: string, site: string | undefined): Promise<WebServer>;
}

/** A machine with nginx. */
export interface WebServer extends ClusterNode {
  setPage(page: string, text: string): Promise<void>;
  removePage(page: string): Promise<void>;
  /** The lines of its log. */
  log(): Promise<string>;
}

const PLAIN_SITE = `server {
    listen 80 default_server;
    root /var/www/html;
}
`;

/** @param name the folder in contrib/examples. */
export function openRecipe(net: Topology, name: string): Recipe {
  const file = (one: string) => path.join(contrib, 'examples', name, one);
  const install: Recipe['install'] = async (files) => {
    for (const [from, to] of Object.entries(files)) {
      await mkdir(path.dirname(to), { recursive: true });
      await cp(file(from), to, { force: true });
    }
  };
  const machine: Recipe['machine'] = async (node, hostName, folders) => {
    const directory = path.join(net.directory, 'nodes', node);
    const binds = Object.entries(folders).map(([folder, over]) => ({ folder, over }));
    for (const { folder, over } of binds) {
      await mkdir(path.join(directory, folder), { recursive: true });
      await mkdir(over, { recursive: true });
    }
    return { name: node, host: net.host(hostName), directory, binds, boot: '' };
  };
  return {
    file,
    install,
    machine,
    writeDefaults: async (command) => {
      await install({ default: '/etc/default/ipvsd' });
      await writeFile('/etc/default/ipvsd', `IPVSD=${command}\n`, { flag: 'a' });
    },
    webServer: async (node, hostName, site) => {
      const options = await machine(node, hostName, webFolders);
      const { directory } = options;
      const sites = path.join(directory, 'sites');
      if (site === undefined) await writeFile(path.join(sites, 'default'), PLAIN_SITE);
      else await cp(file(site), path.join(sites, site));
      const made = createNode(options);
      return {
        ...made,
        setPage: (page, text) => writeFile(path.join(directory, 'www', page), text),
        removePage: async (page) => void (await made.exec(['rm', `/var/www/html/${page}`])),
        log: async () => (await made.exec(['cat', '/var/log/nginx/access.log'])).stdout,
      };
    },
  };
}

/** Starts nginx as its package has it, in the background. */
export const startNginx = ['sh', '-c', 'nginx >/dev/null 2>&1'] as const;

/** What nginx has of its own on each machine. */
export const webFolders = {
  sites: '/etc/nginx/sites-enabled',
  www: '/var/www/html',
  log: '/var/log/nginx',
} as const;
