import assert from 'node:assert/strict';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { describe, it } from 'node:test';
import { execa } from 'execa';
import { version } from '../src/version.ts';
import { packageFolder } from './support/readme.ts';
import { withTempDirectory } from './support/temp-directory.ts';

describe('npm pack', () => {
  it('builds first, and what it packs runs under both names and as a library', async () => {
    await withTempDirectory('packed', async (directory) => {
      const checkout = `${directory}/checkout`;
      copyUnbuilt(checkout);
      await execa('npm', ['pack', '--pack-destination', directory], { cwd: checkout });
      await execa('tar', ['-xzf', `ipvsd-${version}.tgz`], { cwd: directory });
      const folder = `${directory}/package`;
      symlinkSync(`${packageFolder}node_modules`, `${folder}/node_modules`);

      const program = `${folder}/dist/src/main.js`;
      const own = await execa(process.execPath, [program, '--version']);
      assert.equal(own.stdout, `ipvsd ${version}`);
      symlinkSync(program, `${directory}/ldirectord`);
      const other = await execa(process.execPath, [`${directory}/ldirectord`, '--help']);
      assert.match(other.stdout, /^usage: ldirectord /);
      const use = "import { IpvsClient } from 'ipvsd/ipvs-netlink'; console.log(typeof IpvsClient)";
      const options = { cwd: folder, input: use };
      const library = await execa(process.execPath, ['--input-type=module'], options);
      assert.equal(library.stdout, 'function');
    });
  });
});

/** All that `npm pack` needs of a checkout that was never built; the tests are not shipped. */
function copyUnbuilt(folder: string): void {
  mkdirSync(folder);
  for (const name of ['src', 'man', 'package.json', 'tsconfig.json', '.npmrc', 'README.md']) {
    cpSync(`${packageFolder}${name}`, `${folder}/${name}`, { recursive: true });
  }
  symlinkSync(`${packageFolder}node_modules`, `${folder}/node_modules`);
}
