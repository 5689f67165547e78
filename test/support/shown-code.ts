/** A block of code in a README. */
interface ShownCode {
  /** Empty where none is named. */
  readonly language: string;
  readonly code: string;
}

/** Blocks between fences, wherever they are indented to, and what stands four in. */
export function blocksOf(text: string): readonly ShownCode[] {
  const fenced = [...text.matchAll(/^( *)```(\w*)\n(.*?)^\1```$/gms)].map(
    ([, margin = '', language = '', code = '']) => ({
      language,
      code: code.replaceAll(new RegExp(`^${margin}`, 'gm'), ''),
    }),
  );
  const indented = text
    .replaceAll(/^( *)```.*?^\1```$/gms, '')
    .matchAll(/(?:^ {4}.*\n|^\n(?= {4}))+/gm);
  return [
    ...fenced,
    ...[...indented].map(([code]) => ({ language: '', code: code.replaceAll(/^ {4}/gm, '') })),
  ];
}

/** Units and drop-ins below /etc/systemd/system, by name: a line with the path begins each. */
export function unitsOf(code: string): readonly (readonly [name: string, text: string])[] {
  return code.split(/^(?=# \/etc\/systemd\/system\/)/m).flatMap((text) => {
    const [, name] = /^# \/etc\/systemd\/system\/([^:\s]+)/.exec(text) ?? [];
    return name === undefined ? [] : [[name, text] as const];
  });
}
