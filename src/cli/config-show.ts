import { parseArgs } from 'node:util';
import { configJsonSchema } from '../config/schema.ts';
import { readConfig, wrongArguments } from './config-file.ts';
import { showText } from './config-show-text.ts';
import { exitCodes } from './exit-codes.ts';

/**
 * `ipvsd config show FILE [--json]`: what the file means, defaults filled in and names looked up.
 * `--schema` prints the JSON Schema of the JSON form instead.
 *
 * @throws CliError with exit code 2 when the file has errors.
 */
export async function configShow(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      schema: { type: 'boolean', default: false },
    },
  });
  const [file, ...surplus] = positionals;
  if (values.schema && file === undefined) return say(jsonText(configJsonSchema()));
  if (file === undefined || surplus.length > 0) return wrongArguments('show', 'exactly one FILE');
  const { config } = await readConfig(file);
  return say(values.json ? jsonText(config) : showText(config));
}

function jsonText(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function say(text: string): number {
  process.stdout.write(text);
  return exitCodes.ok;
}
