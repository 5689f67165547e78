import {
  findParameter,
  type Parameter,
  parametersOf,
} from '../config/ldirectord/check-parameters.ts';
import { type CheckWord, checkWordNames, checkWords } from '../config/ldirectord/check-words.ts';
import { columns } from '../status/columns.ts';

/** All types of checks that have blocks, in a line each. */
export function checkTypesText(): string {
  const rows = checkWordNames.map((word) => [word, checkWords[word].sentence]);
  return `checks ("ipvsd config explain TYPE" has the parameters):\n${columns(rows)}\n`;
}

/** A type of check with its parameters. */
export function checkTypeText(word: CheckWord): string {
  const { needs, sentence } = checkWords[word];
  const names = parametersOf(word).filter((name) => name !== 'type');
  const rows = names.map((name) => {
    const parameter = findParameter(name);
    return [
      name,
      parameter?.type.expects ?? '',
      parameter?.default ?? 'none',
      parameter?.sentence ?? '',
    ];
  });
  const needed = needs.length === 0 ? [] : [['needs', needs.join(' or ')]];
  const facts = [['stands', `check = ${word}, with parameters below it, and deeper`], ...needed];
  const table = columns([['parameter', 'value', 'default', 'meaning'], ...rows]);
  return `${word}: ${sentence}\n${columns(facts)}\n${table}\n`;
}

/** A parameter with the types of checks that have it. */
export function parameterText(
  name: string,
  { checks, type, default: usual, repeats, ofUrl, sentence }: Parameter<unknown>,
): string {
  const where = ofUrl ? 'below a path, and below a check of type' : 'below a check of type';
  const rows = [
    ['stands', `${where} ${checks.join(', ')}${repeats ? '; each line adds one' : ''}`],
    ['value', type.expects],
    ['default', usual ?? 'none'],
    ['ldirectord', 'does not know it'],
  ];
  return `${name}, a parameter: ${sentence}\n${columns(rows)}\n`;
}
