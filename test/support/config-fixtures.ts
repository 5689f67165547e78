import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FileAccess, systemFiles } from '../../src/config/files.ts';
import type { Resolver } from '../../src/config/names.ts';

const root = fileURLToPath(new URL('../../../fixtures/config/', import.meta.url));

/** All files of a folder of fixtures/config with an extension, by their name without it. */
export function fixtureNames(folder: 'valid' | 'invalid', extension: string): readonly string[] {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith(extension))
    .map((name) => basename(name, extension));
}

export function fixturePath(folder: 'valid' | 'invalid', name: string): string {
  return join(root, folder, name);
}

/** What a test expects; with UPDATE_GOLDEN=1 it is written anew from what the test found. */
export function golden(path: string, found: string): string {
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, found);
  return readFileSync(path, 'utf8');
}

const secrets: Readonly<Record<string, string>> = {
  '/etc/lb/passwd': 's3cret from a file\n',
  '/etc/lb/secret': 's3cret too\n',
};

/** The disk, with some files on it that fixtures name. */
export function fixtureFiles(): FileAccess {
  return {
    ...systemFiles,
    read(path) {
      const secret = secrets[path];
      return secret === undefined ? systemFiles.read(path) : Promise.resolve(Buffer.from(secret));
    },
  };
}

const addresses: Readonly<Record<string, string>> = {
  'inet www.example.com': '10.9.0.30',
  'inet6 www.example.com': 'fd00::30',
  'inet rs1.example.com': '10.9.0.2',
  'inet6 rs1.example.com': 'fd00::2',
  'inet rs2.example.com': '10.9.0.3',
  'inet sorry.example.com': '10.9.0.99',
};

const ports: Readonly<Record<string, number>> = {
  'tcp http': 80,
  'tcp http-alt': 8080,
  'tcp domain': 53,
  'udp domain': 53,
};

/** A small world of names; every question is noted in `asked`. */
export function fakeResolver(): Resolver & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    lookup(name, family) {
      asked.push(`${family} ${name}`);
      return Promise.resolve(addresses[`${family} ${name}`]);
    },
    servicePort(name, protocol) {
      asked.push(`${protocol} ${name}`);
      return Promise.resolve(ports[`${protocol} ${name}`]);
    },
  };
}
